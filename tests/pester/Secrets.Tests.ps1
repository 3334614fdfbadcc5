BeforeAll {
    . $PSScriptRoot/Common.ps1
    $simulator = Start-TestSimulator @{ GpuModel = 'A40', 'MI210' }
}

AfterAll { $simulator | Stop-NtnxPrismSimulator }

Describe 'Secrets' {
    # A process that is given its secrets, works, fails, shows all it has, and crashes. What it said is searched for them.
    It 'are in no stream, record, transcript, trace, state, log or crash of a process' {
        $password = $simulator.Credential.GetNetworkCredential().Password
        $secrets = @{
            Password    = $password
            Basic       = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("$($simulator.Credential.UserName):$password"))
            WrongKey    = 'wrong-api-key-0123456789'
            WorkerKey   = 'worker-key-0123456789'
            RootWord    = 'Gu3st-root-word'
            OAuthSecret = 'cl1ent-secret-0123456789'
        }
        $folder = (New-Item (Join-Path $TestDrive child) -ItemType Directory).FullName
        $script = Join-Path $folder child.ps1
        Set-Content $script @'
param($Module, $Server, $Folder)
$VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'
$WarningPreference = 'Continue'
Start-Transcript (Join-Path $Folder transcript.txt) | Out-Null
Import-Module $Module -Verbose:$false
& {
    $session = Connect-NtnxPrismCentral $Server -TracePath (Join-Path $Folder trace.txt)
    $session | Format-List * -Force
    Get-NtnxCluster | Format-List * -Force
    $userData = "#cloud-config`nchpasswd: { list: 'root:$env:CHILD_ROOT_WORD' }`n"
    New-NtnxGpuVm guest -Template inference-small -DiskBytes 1GB -GpuModel A40 -UserData $userData -PassThru -PowerOn | Format-List * -Force
    New-NtnxGpuVm guest -Template inference-small -DiskBytes 1GB -GpuModel A40 -UserData $userData
    $key = ConvertTo-SecureString $env:CHILD_WORKER_KEY -AsPlainText -Force
    New-CudaWasmWorker w1 -Image ubuntu-24 -Subnet vm-network -GpuModel A40 -WorkerUrl https://files.example/cuda-wasm -WorkerSha256 ('ab' * 32) -ApiKey $key -NoWait | Format-List * -Force
    New-CudaWasmWorker w1 -Image ubuntu-24 -Subnet vm-network -GpuModel A40 -WorkerUrl https://files.example/cuda-wasm -WorkerSha256 ('ab' * 32) -ApiKey $key -NoWait
    Connect-NtnxPrismCentral $Server -ApiKey (ConvertTo-SecureString $env:CHILD_WRONG_KEY -AsPlainText -Force)
    $client = [pscredential]::new('client', (ConvertTo-SecureString $env:CHILD_OAUTH_SECRET -AsPlainText -Force))
    Connect-NtnxPrismCentral $Server -ClientCredential $client -TokenEndpoint "$Server/no/such/token"
    Get-NtnxGpuVm -Id ([guid]::Empty)
    Get-History | Format-List * -Force
    $Error | ForEach-Object { $_ | Format-List * -Force; $_.Exception.ToString(); $_.Exception.Data | Out-String; Get-Error $_ | Out-String }
} *>&1 | Out-String -Width 500
"errors: $($Error.Count)"
Stop-Transcript | Out-Null
[Environment]::FailFast("crash: $($Error[0] | Out-String)", $Error[0].Exception)
'@
        $start = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
        foreach ($argument in '-NoProfile', '-NonInteractive', '-File', $script, $modulePath, "$($simulator.Server)".TrimEnd('/'), $folder) { $start.ArgumentList.Add($argument) }
        $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        $start.Environment['NUTANIX_USERNAME'] = $simulator.Credential.UserName
        $start.Environment['NUTANIX_PASSWORD'] = $password
        $start.Environment['CHILD_ROOT_WORD'] = $secrets.RootWord
        $start.Environment['CHILD_WORKER_KEY'] = $secrets.WorkerKey
        $start.Environment['CHILD_WRONG_KEY'] = $secrets.WrongKey
        $start.Environment['CHILD_OAUTH_SECRET'] = $secrets.OAuthSecret
        $start.Environment['CUDA_WASM_NUTANIX_STATE'] = (Join-Path $folder state)
        $start.Environment['DOTNET_DbgEnableMiniDump'] = '0'
        $child = [Diagnostics.Process]::Start($start)
        $errors = $child.StandardError.ReadToEndAsync()
        $output = $child.StandardOutput.ReadToEnd()
        $child.WaitForExit()
        $child.ExitCode | Should -Not -Be 0
        $files = Get-ChildItem $folder -File -Recurse | Where-Object Name -NE child.ps1
        $files.Name | Should -Contain trace.txt
        $files.Name | Should -Contain transcript.txt
        $said = @($output, $errors.Result) + @($files | Get-Content -Raw) -join "`n"

        # It did work, fail and crash; a search in nothing finds nothing.
        $said | Should -Match 'GET api/clustermgmt'
        $said | Should -Match 'guest'
        $said | Should -Match 'PrismAuthentication'
        $said | Should -Match 'AmbiguousName'
        $said | Should -Match 'errors: [3-9]'
        $errors.Result | Should -Match 'crash:'
        foreach ($secret in $secrets.GetEnumerator()) {
            $said.Contains($secret.Value) | Should -BeFalse -Because "$($secret.Key) must not be told"
            $said.Contains([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($secret.Value)).TrimEnd('=')) | Should -BeFalse -Because "$($secret.Key) must not be told in base64"
        }
    }
}
