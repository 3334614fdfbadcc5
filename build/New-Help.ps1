<#
.SYNOPSIS
    Turns the cmdlets' C# comments into help: MAML for Get-Help, or Markdown for the repository.
.DESCRIPTION
    A cmdlet class's <summary> is the synopsis, its <remarks> the description, its <example> elements the examples (a <code>
    and the words that explain it); a property's <summary> is the parameter's help. Everything else (types, positions,
    pipeline input, defaults, parameter sets) is asked of the built module, which cannot lie about it.
#>
param(
    [Parameter(Mandatory)] [string] $Module,
    [Parameter(Mandatory)] [string] $Comments,
    [Parameter(Mandatory)] [ValidateSet('Maml', 'Markdown')] [string] $Format,
    [Parameter(Mandatory)] [string] $Destination
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Import-Module (Join-Path $PSScriptRoot 'CmdletHelp.psm1')
$loaded = Import-Module $Module -PassThru
$help = $loaded.ExportedCmdlets.Values | Sort-Object Name | Get-CmdletHelp -Comments $Comments

if ($Format -eq 'Maml') {
    $null = New-Item (Split-Path $Destination) -ItemType Directory -Force
    & (Join-Path $PSScriptRoot 'Write-Maml.ps1') -Help $help -Path $Destination
}
else {
    & (Join-Path $PSScriptRoot 'Write-Markdown.ps1') -Help $help -Directory $Destination
}
