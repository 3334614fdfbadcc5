using namespace System.Xml

<#
.SYNOPSIS
    Writes cmdlet help as MAML, the file that Get-Help reads.
#>
param(
    [Parameter(Mandatory)] [object[]] $Help,
    [Parameter(Mandatory)] [string] $Path
)

Set-StrictMode -Version Latest

$namespaces = @{
    maml    = 'http://schemas.microsoft.com/maml/2004/10'
    command = 'http://schemas.microsoft.com/maml/dev/command/2004/10'
    dev     = 'http://schemas.microsoft.com/maml/dev/2004/10'
}

# Writes <prefix:name attributes>content</prefix:name>; content is text or a script block that writes children.
function Write-Element([string] $Name, [object] $Content, [Collections.IDictionary] $Attributes = @{}) {
    $prefix, $local = $Name -split ':'
    $writer.WriteStartElement($prefix, $local, $namespaces[$prefix])
    foreach ($attribute in $Attributes.GetEnumerator()) {
        $writer.WriteAttributeString($attribute.Key, [string] $attribute.Value)
    }
    if ($Content -is [scriptblock]) { & $Content } elseif ($Content) { $writer.WriteString([string] $Content) }
    $writer.WriteEndElement()
}

function Write-Paragraphs([string[]] $Paragraphs) {
    foreach ($paragraph in $Paragraphs) { Write-Element 'maml:para' $paragraph }
}

function Write-Parameter([object] $Parameter, [bool] $Required, [string] $Position, [string] $Pipeline) {
    $attributes = [ordered]@{
        required       = "$Required".ToLowerInvariant()
        variableLength = 'true'
        globbing       = "$($Parameter.Wildcards)".ToLowerInvariant()
        pipelineInput  = $Pipeline
        position       = $Position
        aliases        = ($Parameter.Aliases -join ', ')
    }
    Write-Element 'command:parameter' -Attributes $attributes -Content {
        Write-Element 'maml:name' $Parameter.Name
        Write-Element 'maml:description' { Write-Paragraphs $Parameter.Description }
        if ($Parameter.Values) {
            Write-Element 'command:parameterValueGroup' {
                foreach ($value in $Parameter.Values) {
                    Write-Element 'command:parameterValue' $value -Attributes ([ordered]@{ required = 'false'; variableLength = 'false' })
                }
            }
        }
        if (-not $Parameter.IsSwitch) {
            Write-Element 'command:parameterValue' $Parameter.Type -Attributes ([ordered]@{ required = 'true'; variableLength = 'false' })
        }
        Write-Element 'dev:type' { Write-Element 'maml:name' $Parameter.FullType; Write-Element 'maml:uri' }
        Write-Element 'dev:defaultValue' ($Parameter.IsSwitch ? 'False' : $Parameter.Default ? $Parameter.Default : 'None')
    }
}

function Write-Types([string] $Outer, [string] $Inner, [string[]] $Types) {
    Write-Element $Outer {
        foreach ($type in $Types) {
            Write-Element $Inner { Write-Element 'dev:type' { Write-Element 'maml:name' $type } }
        }
    }
}

$settings = [XmlWriterSettings]@{ Indent = $true; NewLineChars = "`n" }
$writer = [XmlWriter]::Create($Path, $settings)
try {
    $writer.WriteStartElement('helpItems', 'http://msh')
    $writer.WriteAttributeString('schema', 'maml')
    foreach ($cmdlet in $Help) {
        Write-Element 'command:command' {
            Write-Element 'command:details' {
                Write-Element 'command:name' $cmdlet.Name
                Write-Element 'command:verb' $cmdlet.Verb
                Write-Element 'command:noun' $cmdlet.Noun
                Write-Element 'maml:description' { Write-Paragraphs $cmdlet.Synopsis }
            }
            Write-Element 'maml:description' { Write-Paragraphs $cmdlet.Description }
            Write-Element 'command:syntax' {
                foreach ($set in $cmdlet.ParameterSets) {
                    Write-Element 'command:syntaxItem' {
                        Write-Element 'maml:name' $cmdlet.Name
                        $named = @{}
                        foreach ($parameter in $cmdlet.Parameters) { $named[$parameter.Name] = $parameter }
                        $inSet = $set.Parameters | Where-Object { $named.ContainsKey($_.Name) }
                        foreach ($use in $inSet | Sort-Object { $_.Position -lt 0 ? 999 : $_.Position }, { -not $_.IsMandatory }, Name) {
                            $position = $use.Position -ge 0 ? [string] ($use.Position + 1) : 'named'
                            $pipeline = $use.ValueFromPipeline ? 'True (ByValue)' : $use.ValueFromPipelineByPropertyName ? 'True (ByPropertyName)' : 'False'
                            Write-Parameter $named[$use.Name] $use.IsMandatory $position $pipeline
                        }
                    }
                }
            }
            Write-Element 'command:parameters' {
                foreach ($parameter in $cmdlet.Parameters) {
                    Write-Parameter $parameter $parameter.Required $parameter.Position $parameter.Pipeline
                }
            }
            Write-Types 'command:inputTypes' 'command:inputType' $cmdlet.Inputs
            Write-Types 'command:returnValues' 'command:returnValue' $cmdlet.Outputs
            Write-Element 'command:examples' {
                $number = 0
                foreach ($example in $cmdlet.Examples) {
                    $number++
                    Write-Element 'command:example' {
                        Write-Element 'maml:title' "Example $number"
                        Write-Element 'dev:code' $example.Code
                        Write-Element 'dev:remarks' { Write-Paragraphs $example.Text }
                    }
                }
            }
        }
    }
    $writer.WriteEndElement()
}
finally {
    $writer.Dispose()
}
