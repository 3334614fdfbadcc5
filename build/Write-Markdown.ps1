<#
.SYNOPSIS
    Writes cmdlet help as Markdown, one page a cmdlet and an index.
#>
param(
    [Parameter(Mandatory)] [object[]] $Help,
    [Parameter(Mandatory)] [string] $Directory
)

Set-StrictMode -Version Latest

$null = New-Item $Directory -ItemType Directory -Force
Get-ChildItem $Directory -Filter *.md | Remove-Item

function Format-Cell([string] $Text) { $Text -replace '\|', '\|' }

foreach ($cmdlet in $Help) {
    $page = @(
        "# $($cmdlet.Name)", '', $cmdlet.Synopsis, '', '```powershell', $cmdlet.Syntax, '```', ''
        foreach ($paragraph in $cmdlet.Description) { $paragraph, '' }
        '## Examples', ''
        foreach ($example in $cmdlet.Examples) {
            '```powershell', $example.Code, '```', ''
            foreach ($paragraph in $example.Text) { $paragraph, '' }
        }
        '## Parameters', '', '| Parameter | Type | Pipeline | What it is |', '|---|---|---|---|'
        foreach ($parameter in $cmdlet.Parameters) {
            $text = @($parameter.Description) + @(if ($parameter.Default) { "Default: $($parameter.Default)." }) -join ' '
            "| ``-$($parameter.Name)``$($parameter.Required ? ' (required)' : '') | $(Format-Cell $parameter.Type) | $($parameter.Pipeline -replace '^True \(|\)$' -replace '^False$') | $(Format-Cell $text) |"
        }
        '', "Output: $(($cmdlet.Outputs | ForEach-Object { "``$_``" }) -join ', ')"
    )
    Set-Content (Join-Path $Directory "$($cmdlet.Name).md") ($page -join "`n")
}

$index = @(
    '# Cmdlets', '', 'Written by `./build.ps1 -Task Docs` from the comments in `src/CudaWasmNutanix/Commands`.', ''
    '| Cmdlet | What it does |', '|---|---|'
    foreach ($cmdlet in $Help) { "| [$($cmdlet.Name)]($($cmdlet.Name).md) | $(Format-Cell $cmdlet.Synopsis) |" }
)
Set-Content (Join-Path $Directory 'README.md') ($index -join "`n")
