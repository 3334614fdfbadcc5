# What the test files share; each dot-sources it in its BeforeAll.

$root = Split-Path (Split-Path $PSScriptRoot)
$modulePath = [IO.Path]::Combine($root, 'output', 'CudaWasmNutanix')
if (-not (Get-Module CudaWasmNutanix)) {
    Import-Module $modulePath
}

# Tests leave nothing in the user's cache; those of the cache choose a folder of their own.
$env:CUDA_WASM_CACHE = 'off'

# The usual estate of the tests: small, quick, the same every time.
function Start-TestSimulator([hashtable] $Options = @{}) {
    $usual = @{ Seed = 7; Hosts = 4; GpusPerHost = 2; Vms = 6; TaskDurationScale = 0.05 }
    foreach ($key in $Options.Keys) { $usual[$key] = $Options[$key] }
    Start-NtnxPrismSimulator @usual
}

# Writes a fault into the simulator's script.
function Add-Fault([object] $Simulator, [string] $Kind, [hashtable] $Properties = @{}) {
    $type = $Simulator.Simulator.GetType().Assembly.GetType('Nutanix.Prism.Simulator.Faults.SimulatorFault')
    $fault = [Activator]::CreateInstance($type)
    $type.GetProperty('Kind').SetValue($fault, [Enum]::Parse($type.GetProperty('Kind').PropertyType, $Kind))
    foreach ($key in $Properties.Keys) { $type.GetProperty($key).SetValue($fault, $Properties[$key]) }
    $Simulator.Simulator.Inject($fault)
}

# Runs a script in a runspace of its own and presses Ctrl+C when told to: what it wrote, and how long stopping took.
# With -Visible it writes to this process's own host.
function Invoke-ThenStop([string] $Script, [object[]] $Arguments = @(), [scriptblock] $When, [switch] $Visible) {
    $shell = [powershell]::Create()
    try {
        if ($Visible) {
            $shell.Runspace = [runspacefactory]::CreateRunspace($Host)
            $shell.Runspace.Open()
        }
        $null = $shell.AddScript("Import-Module '$modulePath'").Invoke()
        $shell.Commands.Clear()
        $null = $shell.AddScript($Script)
        foreach ($argument in $Arguments) { $null = $shell.AddArgument($argument) }
        $output = [Management.Automation.PSDataCollection[psobject]]::new()
        $null = $shell.BeginInvoke([Management.Automation.PSDataCollection[psobject]]::new(), $output)
        $patience = [Diagnostics.Stopwatch]::StartNew()
        while (-not (& $When $output $shell)) {
            if ($patience.Elapsed.TotalSeconds -gt 20) { throw "What the test waits for did not happen. Errors: $($shell.Streams.Error.ReadAll())" }
            Start-Sleep -Milliseconds 20
        }
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        [pscustomobject]@{ State = $shell.InvocationStateInfo.State; Seconds = $watch.Elapsed.TotalSeconds; Output = @($output); Shell = $shell }
    }
    finally {
        $shell.Dispose()
    }
}
