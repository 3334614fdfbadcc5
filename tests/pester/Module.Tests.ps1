BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    $cmdlets = (Get-Module CudaWasmNutanix).ExportedCmdlets.Values | ForEach-Object { @{ Name = $_.Name; Cmdlet = $_ } }
}

Describe 'The module' {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
        $pwsh = [Environment]::ProcessPath
    }

    It 'exports what its manifest says' {
        $manifest = Import-PowerShellDataFile (Join-Path $modulePath 'CudaWasmNutanix.psd1')
        (Get-Module CudaWasmNutanix).ExportedCommands.Keys | Sort-Object | Should -Be ($manifest.CmdletsToExport | Sort-Object)
    }

    It 'is a valid module' {
        (Test-ModuleManifest (Join-Path $modulePath 'CudaWasmNutanix.psd1')).Version | Should -BeGreaterThan '0.0.1'
    }

    It 'brings no copy of the PowerShell engine' {
        Join-Path $modulePath 'bin/System.Management.Automation.dll' | Should -Not -Exist
    }

    It 'keeps its dependencies out of the session' {
        $contexts = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.Location -like "$modulePath*" } |
            Group-Object { [Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name } -AsHashTable
        $contexts['CudaWasmNutanix'].GetName().Name | Should -Contain 'Nutanix.Prism'
        $contexts['Default'].GetName().Name | Should -Be 'CudaWasmNutanix.Loader'
    }

    It 'does not mind another version of a dependency in the session' {
        # An empty YamlDotNet 1.0 in the default context, before the module comes.
        $fake = Join-Path $TestDrive 'YamlDotNet.dll'
        $script = {
            param($fake, $module)
            $builder = [Reflection.Emit.PersistedAssemblyBuilder]::new([Reflection.AssemblyName] 'YamlDotNet, Version=1.0.0.0', [object].Assembly)
            $null = $builder.DefineDynamicModule('YamlDotNet')
            $builder.Save($fake)
            $loaded = [Reflection.Assembly]::LoadFrom($fake)
            Import-Module $module
            $yaml = New-CudaWasmNkeManifest -Name infer -Image registry.local/infer:1 -AsYaml
            "$($loaded.GetName().Version) $([Runtime.Loader.AssemblyLoadContext]::GetLoadContext($loaded).Name) $($yaml -match 'kind: Deployment')"
        }
        & $pwsh -NoProfile -NonInteractive -Command $script -args $fake, $modulePath | Should -Be '1.0.0.0 Default True'
    }

    It 'can be imported again and removed' {
        $script = {
            param($module)
            Import-Module $module
            Import-Module $module -Force
            $again = (Get-Command -Module CudaWasmNutanix).Count
            Remove-Module CudaWasmNutanix
            $removed = @(Get-Command -Module CudaWasmNutanix).Count
            Import-Module $module
            "$again $removed $((Get-Command -Module CudaWasmNutanix).Count)"
        }
        $count = (Get-Module CudaWasmNutanix).ExportedCmdlets.Count
        & $pwsh -NoProfile -NonInteractive -Command $script -args $modulePath | Should -Be "$count 0 $count"
    }

    It 'takes its sessions and simulators along when it is removed' {
        $script = {
            param($module)
            Import-Module $module
            $simulator = Start-NtnxPrismSimulator
            $session = $simulator | Connect-NtnxPrismCentral
            Remove-Module CudaWasmNutanix
            "$($simulator.IsRunning) $($session.IsConnected)"
        }
        & $pwsh -NoProfile -NonInteractive -Command $script -args $modulePath | Should -Be 'False False'
    }
}

Describe 'Help of <Name>' -ForEach $cmdlets {
    BeforeAll {
        $help = Get-Help $Name -Full
    }

    It 'has a synopsis and a description' {
        $help.Synopsis.Trim() | Should -Not -BeNullOrEmpty
        $help.Synopsis | Should -Not -Match ([regex]::Escape("$Name [")) -Because 'that is the syntax, which PowerShell shows where there is no help'
        ($help.description.Text -join '').Trim() | Should -Not -BeNullOrEmpty
    }

    It 'has two examples or more, with words' {
        @($help.examples.example).Count | Should -BeGreaterOrEqual 2
        foreach ($example in $help.examples.example) {
            $example.code | Should -Match $Name
            ($example.remarks.Text -join '').Trim() | Should -Not -BeNullOrEmpty
        }
    }

    It 'explains every parameter' {
        $common = [Management.Automation.PSCmdlet]::CommonParameters
        foreach ($parameter in $Cmdlet.Parameters.Keys | Where-Object { $_ -notin $common }) {
            $text = ($help.parameters.parameter | Where-Object name -EQ $parameter).description.Text -join ''
            $text.Trim() | Should -Not -BeNullOrEmpty -Because "$Name -$parameter needs help"
        }
    }

    It 'has a verb that PowerShell approves and says what it writes' {
        (Get-Verb).Verb | Should -Contain $Cmdlet.Verb
        $Cmdlet.OutputType.Count | Should -BeGreaterThan 0
    }
}
