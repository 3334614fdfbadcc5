<#
.SYNOPSIS
    Runs the cmdlet tests and ends with one line that counts them.
#>
param(
    [Parameter(Mandatory)] [string] $Pester,
    [Parameter(Mandatory)] [string] $Module,
    [Parameter(Mandatory)] [string] $Tests,
    [Parameter(Mandatory)] [string] $Results
)

$ErrorActionPreference = 'Stop'
Import-Module $Pester
Import-Module $Module

$configuration = New-PesterConfiguration
$configuration.Run.Path = $Tests
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = $env:CI ? 'Normal' : 'Detailed'
$configuration.TestResult.Enabled = $true
$configuration.TestResult.OutputPath = $Results
$run = Invoke-Pester -Configuration $configuration

# A file that does not parse and a BeforeAll that throws have no tests to count, yet they are failures.
$failed = $run.FailedCount + $run.FailedContainersCount + $run.FailedBlocksCount
Write-Host "Pester: $($run.PassedCount) passed, $failed failed, $($run.SkippedCount + $run.NotRunCount + $run.InconclusiveCount) skipped"
exit [int] ($failed -gt 0 -or $run.PassedCount -eq 0)
