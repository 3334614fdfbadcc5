using namespace System.IO
using namespace System.Management.Automation
using namespace System.Reflection

# Loads the cmdlets through the module's own AssemblyLoadContext. Everything is derived from this file's name:
# bin/<name>.Loader.dll goes to the session's default context, bin/<name>.dll and all it needs to a context of its own.

$name = [Path]::GetFileNameWithoutExtension($PSCommandPath)
$loader = "$name.Loader.ModuleLoadContext" -as [type]
$isFirst = -not $loader
if ($isFirst) {
    # Not Add-Type: loading that cmdlet's assembly costs more than loading ours.
    $loader = [Assembly]::LoadFrom([Path]::Combine($PSScriptRoot, 'bin', "$name.Loader.dll")).GetType("$name.Loader.ModuleLoadContext", $true)
}

$again = Import-Module -Assembly $loader::LoadModule($name) -PassThru:(-not $isFirst)
if ($again) {
    # A second import of a loaded assembly hands back the first one without exporting its commands from here
    # (PowerShell issue 20710), so they are added by hand.
    $export = [PSModuleInfo].GetMethod('AddExportedCmdlet', [BindingFlags] 'Instance, NonPublic')
    foreach ($cmdlet in $again.ExportedCmdlets.Values) {
        $null = $export.Invoke($ExecutionContext.SessionState.Module, @(, $cmdlet))
    }
}
