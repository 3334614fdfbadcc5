# Reads what a cmdlet's help says, from its C# comments and its own metadata, into plain objects.

using namespace System.Management.Automation
using namespace System.Management.Automation.Internal
using namespace System.Xml

Set-StrictMode -Version Latest

# The text of a comment: <see cref="P:A.B.C"/> becomes C, <c>x</c> becomes x, runs of white space one blank.
function ConvertFrom-Comment([XmlNode] $Node) {
    $text = foreach ($child in $Node.ChildNodes) {
        switch ($child.Name) {
            'see' {
                if ($child.GetAttribute('langword')) { $child.GetAttribute('langword') }
                elseif ($child.GetAttribute('href')) { $child.GetAttribute('href') }
                else { $child.GetAttribute('cref') -replace '^\w:', '' -replace '\(.*$', '' -replace '^.*\.', '' }
            }
            default { $child.HasChildNodes ? (ConvertFrom-Comment $child) : $child.Value }
        }
    }
    (-join $text) -replace '\s+', ' '
}

# The paragraphs of a comment; text outside of <para> is a paragraph too.
function Get-Paragraph([XmlNode] $Node) {
    if ($null -eq $Node) { return }
    $open = $Node.OwnerDocument.CreateElement('para')
    $paragraphs = @(
        foreach ($child in @($Node.ChildNodes)) {
            if ($child.Name -eq 'para') { $open; $child; $open = $Node.OwnerDocument.CreateElement('para') }
            elseif ($child.Name -ne 'code') { $null = $open.AppendChild($child.Clone()) }
        }
        $open
    )
    $paragraphs | ForEach-Object { (ConvertFrom-Comment $_).Trim() } | Where-Object { $_ }
}

# Code keeps its lines; the indentation that the C# comment gave all of them goes.
function Get-Code([XmlNode] $Node) {
    $lines = @($Node.InnerText.Trim("`r", "`n", ' ') -split '\r?\n')
    $indent = ($lines | Select-Object -Skip 1 | Where-Object { $_.Trim() } | ForEach-Object { $_.Length - $_.TrimStart().Length } | Measure-Object -Minimum).Minimum
    ($lines | ForEach-Object { $i = 0 } { $i++ -and $_.Length -ge $indent ? $_.Substring($indent) : $_.TrimEnd() }) -join "`n"
}

# The value a parameter has when nobody gives it, where that says something.
function Get-DefaultText([object] $Cmdlet, [string] $Parameter) {
    $value = $Cmdlet.$Parameter
    if ($null -eq $value -or $value -is [switch] -or $value -is [securestring]) { return '' }
    if ($value -is [Array]) { return $value.Count ? ($value -join ', ') : '' }
    if ($value -is [ValueType] -and $value.Equals([Activator]::CreateInstance($value.GetType()))) { return '' }
    [string]::Format([cultureinfo]::InvariantCulture, '{0}', $value)
}

function Get-TypeText([type] $Type) {
    $nullable = [Nullable]::GetUnderlyingType($Type)
    if ($nullable) { return $nullable.Name }
    $Type.IsArray ? "$($Type.GetElementType().Name)[]" : $Type.Name
}

<#
.SYNOPSIS
    Reads the help of cmdlets.
.OUTPUTS
    One object a cmdlet: Name, Verb, Noun, Synopsis, Description[], Parameters[], ParameterSets[], Inputs[], Outputs[], Examples[].
#>
function Get-CmdletHelp {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, ValueFromPipeline)] [CmdletInfo] $Cmdlet,
        [Parameter(Mandatory)] [string] $Comments
    )

    begin {
        $members = @{}
        $xml = [XmlDocument]::new()
        $xml.PreserveWhitespace = $true
        $xml.Load((Convert-Path $Comments))
        foreach ($member in $xml.SelectNodes('/doc/members/member')) {
            $members[$member.GetAttribute('name')] = $member
        }

        # The engine's own parameters are explained once, by about_CommonParameters; these two it leaves to the cmdlet.
        $engine = @{
            WhatIf  = 'Shows what would happen if the cmdlet runs. The cmdlet is not run.'
            Confirm = 'Prompts you for confirmation before running the cmdlet.'
        }
    }

    process {
        $type = $Cmdlet.ImplementingType
        $instance = [Activator]::CreateInstance($type)
        $class = $members["T:$($type.FullName)"]
        if (-not $class) { throw "$($Cmdlet.Name) has no comment: document the class $($type.FullName)." }
        $common = [PSCmdlet]::CommonParameters

        $parameters = foreach ($parameter in $Cmdlet.Parameters.Values | Where-Object Name -NotIn $common | Sort-Object Name) {
            $property = $type.GetProperty($parameter.Name)
            $comment = $property ? $members["P:$($property.DeclaringType.FullName).$($property.Name)"] : $null
            $sets = $parameter.ParameterSets
            $any = $sets.ContainsKey('__AllParameterSets') ? $sets['__AllParameterSets'] : @($sets.Values)[0]
            $values = @(if ($parameter.ParameterType.IsEnum) { [Enum]::GetNames($parameter.ParameterType) })
            [pscustomobject]@{
                Name        = $parameter.Name
                Type        = Get-TypeText $parameter.ParameterType
                FullType    = $parameter.ParameterType.FullName
                IsSwitch    = $parameter.SwitchParameter
                Aliases     = @($parameter.Aliases)
                Description = @(if ($comment) { Get-Paragraph $comment.SelectSingleNode('summary') } elseif (-not $property) { $engine[$parameter.Name] })
                Values      = $values
                Wildcards   = @($parameter.Attributes | Where-Object { $_ -is [SupportsWildcardsAttribute] }).Count -gt 0
                Default     = $property ? (Get-DefaultText $instance $parameter.Name) : ''
                Required    = $any.IsMandatory
                Position    = $any.Position -ge 0 ? [string] ($any.Position + 1) : 'named'
                Pipeline    = ($any.ValueFromPipeline ? 'True (ByValue)' : $any.ValueFromPipelineByPropertyName ? 'True (ByPropertyName)' : 'False')
                Metadata    = $parameter
            }
        }
        if ($instance -is [IDisposable]) { $instance.Dispose() }

        $examples = @($class.SelectNodes('example') | ForEach-Object {
                [pscustomobject]@{ Code = Get-Code $_.SelectSingleNode('code'); Text = @(Get-Paragraph $_) }
            })

        [pscustomobject]@{
            Name          = $Cmdlet.Name
            Verb          = $Cmdlet.Verb
            Noun          = $Cmdlet.Noun
            Synopsis      = @(Get-Paragraph $class.SelectSingleNode('summary')) -join ' '
            Description   = @(Get-Paragraph $class.SelectSingleNode('remarks'))
            Parameters    = @($parameters)
            ParameterSets = @($Cmdlet.ParameterSets)
            Syntax        = (Get-Command $Cmdlet.Name -Syntax).Trim()
            Inputs        = @($parameters | Where-Object { $_.Metadata.ParameterSets.Values.ValueFromPipeline -contains $true } | ForEach-Object FullType | Select-Object -Unique)
            Outputs       = @($Cmdlet.OutputType | ForEach-Object Name | Select-Object -Unique)
            Examples      = $examples
        }
    }
}

Export-ModuleMember Get-CmdletHelp
