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

# Text that Markdown must not take for a table's border or a tag.
function Format-Text([string] $Text) { $Text -replace '[|<]', '\$0' }

foreach ($cmdlet in $Help) {
    $page = @(
        "# $($cmdlet.Name)", '', (Format-Text $cmdlet.Synopsis), '', '```powershell', $cmdlet.Syntax, '```', ''
        foreach ($paragraph in $cmdlet.Description) { (Format-Text $paragraph), '' }
        '## Examples', ''
        foreach ($example in $cmdlet.Examples) {
            '```powershell', $example.Code, '```', ''
            foreach ($paragraph in $example.Text) { (Format-Text $paragraph), '' }
        }
        '## Parameters', '', '| Parameter | Type | Pipeline | What it is |', '|---|---|---|---|'
        foreach ($parameter in $cmdlet.Parameters) {
            $text = @($parameter.Description) + @(if ($parameter.Default) { "Default: $($parameter.Default)." }) -join ' '
            $required = $parameter.Required ? ' (required)' : ''
            $pipeline = $parameter.Pipeline -replace '^True \(|\)$' -replace '^False$'
            '| `-{0}`{1} | {2} | {3} | {4} |' -f $parameter.Name, $required, (Format-Text $parameter.Type), $pipeline, (Format-Text $text)
        }
        '', ('Output: {0}' -f (($cmdlet.Outputs | ForEach-Object { '`{0}`' -f $_ }) -join ', '))
    )
    Set-Content (Join-Path $Directory "$($cmdlet.Name).md") ($page -join "`n")
}

$index = @(
    '# Cmdlets', '', 'Written by `./build.ps1 -Task Docs` from the comments in `src/CudaWasmNutanix/Commands`.', ''
    '| Cmdlet | What it does |', '|---|---|'
    foreach ($cmdlet in $Help) { "| [$($cmdlet.Name)]($($cmdlet.Name).md) | $(Format-Text $cmdlet.Synopsis) |" }
)
Set-Content (Join-Path $Directory 'README.md') ($index -join "`n")
