#Requires -Version 7.6

<#
.SYNOPSIS
    Builds, tests and packs the module.
.DESCRIPTION
    Build    builds the module to output/CudaWasmNutanix and says what importing it costs a session.
    Test     Build, then `dotnet test`, then Pester.
    Pester   the cmdlet tests alone, against output/CudaWasmNutanix as it stands (what a packed module is tested with).
    Package  Build, then packs the module folder to output/CudaWasmNutanix.<version>.zip.
    Docs     Build, then writes the cmdlet reference to docs/cmdlets from the same comments that Get-Help shows.
    Image    builds the container image of the worker with podman, buildah or docker, and says its size.
.EXAMPLE
    ./build.ps1
.EXAMPLE
    ./build.ps1 -Task Test -Configuration Debug
.EXAMPLE
    ./build.ps1 -Task Image -Tag registry.local/cuda-wasm:1.0 -BuildArgument BASE_IMAGE=registry.local/aspnet:10.0
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Pester', 'Package', 'Docs', 'Image')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release',

    # Of the image: its name, and NAME=VALUE for arguments of the Dockerfile.
    [string] $Tag,
    [string[]] $BuildArgument = @()
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

$name = 'CudaWasmNutanix'
$output = Join-Path $PSScriptRoot 'output'
$module = Join-Path $output $name
$project = Join-Path $PSScriptRoot "src/$name"
$pwsh = [Environment]::ProcessPath

function Build-Module {
    if (Test-Path $module) {
        Remove-Item $module -Recurse -Force
    }

    dotnet publish $project --configuration $Configuration --output (Join-Path $module 'bin') --nologo --verbosity quiet
    Copy-Item (Join-Path $PSScriptRoot "$name.psd1") $module
    Copy-Item (Join-Path $PSScriptRoot 'LICENSE') $module
    Copy-Item (Join-Path $PSScriptRoot 'module/*') $module -Recurse
    New-Help -Format Maml -Destination (Join-Path $module "en-US/$name.dll-Help.xml")
    Write-Host "Built $module ($('{0:0.0}' -f ((Get-ChildItem $module -Recurse -File | Measure-Object Length -Sum).Sum / 1MB)) MiB)"
}

# In a process of its own: a session never lets go of an assembly it has loaded, and the next build has to replace it.
function New-Help([string] $Format, [string] $Destination) {
    $comments = Join-Path $project "bin/$Configuration/net10.0/$name.xml"
    & $pwsh -NoProfile -NonInteractive -File (Join-Path $PSScriptRoot 'build/New-Help.ps1') `
        -Module (Join-Path $module "$name.psd1") -Comments $comments -Format $Format -Destination $Destination
}

# What a person waits for at the prompt: the first import of a fresh session, which also warms up the engine. An empty module
# tells how much of it is the engine's own share.
function Measure-Import {
    $empty = New-Item (Join-Path $output 'obj/Empty') -ItemType Directory -Force
    New-ModuleManifest (Join-Path $empty 'Empty.psd1') -RootModule Empty.psm1
    Set-Content (Join-Path $empty 'Empty.psm1') ''
    $nothing = Get-ImportTime (Join-Path $empty 'Empty.psd1')
    $ours = Get-ImportTime (Join-Path $module "$name.psd1")
    Write-Host "Import-Module adds $ours ms to a fresh session, $($ours - $nothing) ms more than an empty module"
}

# The median of five first imports, in milliseconds.
function Get-ImportTime([string] $Path) {
    $import = "`$watch = [Diagnostics.Stopwatch]::StartNew(); Import-Module '$($Path -replace "'", "''")'; [int] `$watch.Elapsed.TotalMilliseconds"
    (1..5 | ForEach-Object { [int] (& $pwsh -NoProfile -NonInteractive -Command $import) } | Sort-Object)[2]
}

function Invoke-DotnetTest {
    dotnet test (Join-Path $PSScriptRoot "$name.slnx") --nologo --verbosity quiet
}

function Invoke-CmdletTests {
    $pester = Get-Module Pester -ListAvailable | Where-Object { $_.Version.Major -eq 5 } | Sort-Object Version | Select-Object -Last 1
    if (-not $pester) {
        throw 'The cmdlet tests need Pester 5: Install-Module Pester -MaximumVersion 5.99'
    }

    if (-not (Test-Path $module)) {
        throw "There is no module to test at $module. Run ./build.ps1 first."
    }

    # In a process of its own, so that what the tests load does not stay in the caller's session.
    & $pwsh -NoProfile -NonInteractive -File (Join-Path $PSScriptRoot 'build/Invoke-Pester.ps1') `
        -Pester $pester.Path -Module $module -Tests (Join-Path $PSScriptRoot 'tests/pester') -Results (Join-Path $output 'TestResults/Pester.xml')
}

function New-Package {
    $version = (Import-PowerShellDataFile (Join-Path $PSScriptRoot "$name.psd1")).ModuleVersion
    $package = Join-Path $output "$name.$version.zip"
    Remove-Item $package -ErrorAction Ignore
    [IO.Compression.ZipFile]::CreateFromDirectory($module, $package, 'Optimal', $true)
    Write-Host "Packed $package"
}

function New-Image {
    $engine = Get-Command podman, buildah, docker -CommandType Application -ErrorAction Ignore | Select-Object -First 1
    if (-not $engine) {
        throw 'An image is built with podman, buildah or docker, and none of them is on the PATH.'
    }

    if (-not $Tag) {
        $script:Tag = "cuda-wasm:$((Import-PowerShellDataFile (Join-Path $PSScriptRoot "$name.psd1")).ModuleVersion)"
    }

    # From another shell, pwsh -File gives a list as one word.
    $values = $BuildArgument -split ',' | ForEach-Object { '--build-arg', $_ }
    & $engine build @values --tag $Tag --file (Join-Path $PSScriptRoot Dockerfile) $PSScriptRoot
    $bytes = if ($engine.Name -like 'buildah*') {
        (buildah images --json $Tag | ConvertFrom-Json)[0].size
    }
    else {
        '{0:0.0} MiB' -f ([long] (& $engine image inspect --format '{{.Size}}' $Tag) / 1MB)
    }

    Write-Host "Built $Tag ($bytes) with $($engine.Name)"
}

switch ($Task) {
    Build { Build-Module; Measure-Import }
    Test { Build-Module; Measure-Import; Invoke-DotnetTest; Invoke-CmdletTests }
    Pester { Invoke-CmdletTests }
    Package { Build-Module; Measure-Import; New-Package }
    Image { New-Image }
    Docs { Build-Module; New-Help -Format Markdown -Destination (Join-Path $PSScriptRoot 'docs/cmdlets') }
}
