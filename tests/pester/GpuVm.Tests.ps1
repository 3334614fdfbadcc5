Describe 'GPU machines' {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
        $simulator = Start-TestSimulator @{ GpuModel = 'MI210', 'MI300X'; Vms = 0 }
        $session = $simulator | Connect-NtnxPrismCentral
    }

    AfterAll {
        $session | Disconnect-NtnxPrismCentral
        $simulator | Stop-NtnxPrismSimulator
    }

    AfterEach {
        $null = $simulator.Simulator.ClearFaults()
        Get-NtnxGpuVm | Remove-NtnxGpuVm -Force -Confirm:$false
    }

    Context 'New-NtnxGpuVm' {
        It 'makes a machine, powers it on and holds the GPUs it was promised' {
            $vm = New-NtnxGpuVm -Name trainer -Image ubuntu-24 -GpuModel MI210 -GpuCount 2 -MemoryBytes 64GB -PowerOn
            $vm.PowerState | Should -Be 'ON'
            $vm.MemoryBytes | Should -Be 64GB
            $vm.GpuCount | Should -Be 2
            (Get-NtnxGpu | Where-Object AssignedVmName -EQ trainer).Model | Should -Be 'MI210', 'MI210'
        }

        It 'chooses among the hosts of the pipeline' {
            $wanted = Get-NtnxGpuHost -Model MI300X | Select-Object -Last 1
            ($wanted | New-NtnxGpuVm -Name trainer -DiskBytes 10GB -PowerOn).HostName | Should -BeIn (Get-NtnxGpuHost -Model MI300X).Name
        }

        It 'makes nothing when no host comes down the pipeline' {
            Get-NtnxGpuHost | Where-Object GpuCount -GT 99 | New-NtnxGpuVm -Name trainer -DiskBytes 10GB -ErrorVariable none -ErrorAction SilentlyContinue
            $none[0].FullyQualifiedErrorId | Should -Be 'NoGpuHost,CudaWasmNutanix.Commands.NewNtnxGpuVmCommand'
            Get-NtnxGpuVm | Should -BeNullOrEmpty
        }

        It 'makes nothing under -WhatIf' {
            New-NtnxGpuVm -Name trainer -DiskBytes 10GB -WhatIf | Should -BeNullOrEmpty
            Get-NtnxGpuVm | Should -BeNullOrEmpty
        }

        It 'makes one machine for each name, on GPUs of its own' {
            $vms = New-NtnxGpuVm -Name one, two, three -DiskBytes 10GB -GpuModel MI300X -PowerOn
            $vms.Name | Should -Be 'one', 'two', 'three'
            (Get-NtnxGpu | Where-Object AssignedVmName).AssignedVmName | Sort-Object | Should -Be 'one', 'three', 'two'
        }

        It 'says why no host fits' {
            New-NtnxGpuVm -Name trainer -DiskBytes 10GB -GpuCount 9 -ErrorVariable none -ErrorAction SilentlyContinue
            $none[0].FullyQualifiedErrorId | Should -Be 'NoFreeGpu,CudaWasmNutanix.Commands.NewNtnxGpuVmCommand'
            $none[0].CategoryInfo.Category | Should -Be 'ResourceUnavailable'
            $none[0].TargetObject | Should -Be 'trainer'
            $none[0].Exception.Message | Should -Match (Get-NtnxGpuHost)[0].Name
        }

        It 'names the images there are when the name is wrong' {
            New-NtnxGpuVm -Name trainer -Image ubunut -ErrorVariable wrong -ErrorAction SilentlyContinue
            $wrong[0].FullyQualifiedErrorId | Should -BeLike 'PrismNotFound,*'
            $wrong[0].Exception.Message | Should -Match 'ubuntu-24'
        }

        It 'does not make a second machine of a name' {
            $null = New-NtnxGpuVm -Name trainer -DiskBytes 10GB
            New-NtnxGpuVm -Name trainer -DiskBytes 10GB -ErrorVariable twice -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $twice[0].FullyQualifiedErrorId | Should -BeLike 'AmbiguousName,*'
            @(Get-NtnxGpuVm trainer).Count | Should -Be 1
            (New-NtnxGpuVm -Name trainer -DiskBytes 10GB -AllowDuplicateName).Name | Should -Be 'trainer'
        }

        It 'makes one machine though the answer is lost' {
            Add-Fault $simulator LostReply @{ Method = 'POST'; PathContains = '/ahv/config/vms'; Times = 1 }
            (New-NtnxGpuVm -Name trainer -DiskBytes 10GB).Name | Should -Be 'trainer'
            @(Get-NtnxGpuVm).Count | Should -Be 1
        }

        It 'tells why a task failed, even where only legacyErrorMessage does' {
            Add-Fault $simulator TaskFails @{ Operation = 'CreateVm'; Message = 'The storage container is full.'; LegacyOnly = $true }
            New-NtnxGpuVm -Name trainer -DiskBytes 10GB -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'PrismTaskFailed,*'
            $failed[0].Exception.Message | Should -Match 'The storage container is full'
            Get-NtnxGpuVm | Should -BeNullOrEmpty
        }

        It 'removes a machine again that it cannot power on' {
            Add-Fault $simulator TaskFails @{ Operation = 'PowerOnVm'; Message = 'No host.' }
            New-NtnxGpuVm -Name trainer -DiskBytes 10GB -PowerOn -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed.Count | Should -BeGreaterThan 0
            Get-NtnxGpuVm | Should -BeNullOrEmpty
        }

        It 'takes the user data from one place only' {
            { New-NtnxGpuVm -Name trainer -DiskBytes 10GB -UserData '#cloud-config' -InstallDriver } | Should -Throw -ErrorId 'InvalidArgument,*'
        }

        It 'stops within a second on Ctrl+C and says what goes on' {
            # A stopped pipeline takes no records: what is left is said on the screen, so this needs a process with one.
            Set-Content "$TestDrive/stop.ps1" {
                param($common)
                . $common
                $slow = Start-TestSimulator @{ TaskDurationScale = 200; Vms = 0 }
                $null = $slow | Connect-NtnxPrismCentral
                $stopped = Invoke-ThenStop -Visible -Script {
                    param($server, $credential)
                    $null = Connect-NtnxPrismCentral -Server $server -Credential $credential
                    New-NtnxGpuVm -Name trainer -DiskBytes 10GB -PowerOn
                } -Arguments $slow.Server, $slow.Credential -When { (Get-NtnxTask).Operation -contains 'CreateVm' }
                "$($stopped.State) $($stopped.Seconds -lt 1)"
            }
            $said = & ([Environment]::ProcessPath) -NoProfile -NonInteractive -File "$TestDrive/stop.ps1" (Join-Path $PSScriptRoot Common.ps1)
            $said[-1] | Should -Be 'Stopped True'
            "$said" | Should -Match 'WARNING: .*trainer'
        }

        It 'shows the progress of the task' {
            $shell = [powershell]::Create()
            $null = $shell.AddScript({
                    param($module, $server, $credential)
                    Import-Module $module
                    $null = Connect-NtnxPrismCentral -Server $server -Credential $credential
                    New-NtnxGpuVm -Name trainer -DiskBytes 10GB -PowerOn
                }).AddArgument($modulePath).AddArgument($simulator.Server).AddArgument($simulator.Credential)
            $null = $shell.Invoke()
            $shell.Streams.Progress.PercentComplete | Where-Object { $_ -ge 0 -and $_ -le 100 } | Should -Not -BeNullOrEmpty
            $shell.Streams.Progress[-1].RecordType | Should -Be 'Completed'
            $shell.Streams.Progress[0].Activity | Should -Match 'trainer'
            $shell.Dispose()
        }

        It 'completes images, subnets, clusters and models' {
            foreach ($parameter in 'Image', 'Subnet', 'Cluster', 'GpuModel', 'HostName') {
                $line = "New-NtnxGpuVm -$parameter "
                (TabExpansion2 $line $line.Length).CompletionMatches.ResultType | Should -Contain 'ParameterValue' -Because $parameter
            }
        }
    }

    Context 'Remove-NtnxGpuVm' {
        It 'removes what it is told to, by name, wildcard and pipeline' {
            $null = New-NtnxGpuVm -Name one, two, three, four -DiskBytes 10GB
            Remove-NtnxGpuVm one -Confirm:$false
            Remove-NtnxGpuVm tw* -Confirm:$false
            Get-NtnxGpuVm three | Remove-NtnxGpuVm -Confirm:$false
            (Get-NtnxGpuVm).Name | Should -Be 'four'
        }

        It 'removes nothing under -WhatIf' {
            $null = New-NtnxGpuVm -Name one -DiskBytes 10GB
            Remove-NtnxGpuVm one -WhatIf
            (Get-NtnxGpuVm).Name | Should -Be 'one'
        }

        It 'asks first' {
            $null = New-NtnxGpuVm -Name one -DiskBytes 10GB
            # A session that cannot be asked fails instead of going ahead.
            { Remove-NtnxGpuVm one -ErrorAction Stop } | Should -Throw
            (Get-NtnxGpuVm).Name | Should -Be 'one'
        }

        It 'leaves a running machine alone unless forced' {
            $null = New-NtnxGpuVm -Name one -DiskBytes 10GB -PowerOn
            Remove-NtnxGpuVm one -Confirm:$false -ErrorVariable running -ErrorAction SilentlyContinue
            $running[0].FullyQualifiedErrorId | Should -Be 'VmPoweredOn,CudaWasmNutanix.Commands.RemoveNtnxGpuVmCommand'
            $running[0].TargetObject.Name | Should -Be 'one'
            Remove-NtnxGpuVm one -Confirm:$false -Force
            Get-NtnxGpuVm | Should -BeNullOrEmpty
        }

        It 'asks back when a name stands for several machines' {
            $first = New-NtnxGpuVm -Name twin -DiskBytes 10GB
            $second = New-NtnxGpuVm -Name twin -DiskBytes 10GB -AllowDuplicateName
            Remove-NtnxGpuVm twin -Confirm:$false -ErrorVariable twins -ErrorAction SilentlyContinue
            $twins[0].FullyQualifiedErrorId | Should -Be 'AmbiguousName,CudaWasmNutanix.Commands.RemoveNtnxGpuVmCommand'
            $twins[0].Exception.Message | Should -Match $second.ExtId
            Remove-NtnxGpuVm -Id $first.ExtId -Confirm:$false
            (Get-NtnxGpuVm twin).ExtId | Should -Be $second.ExtId
        }

        It 'gives one error for each machine there is not, and removes the others' {
            $null = New-NtnxGpuVm -Name one -DiskBytes 10GB
            'none', 'one', 'nobody' | Remove-NtnxGpuVm -Confirm:$false -ErrorVariable missing -ErrorAction SilentlyContinue
            $missing.TargetObject | Should -Be 'none', 'nobody'
            Get-NtnxGpuVm | Should -BeNullOrEmpty
        }
    }

    Context 'Get-NtnxTask' {
        It 'lists the newest tasks, and those of a machine' {
            $one = New-NtnxGpuVm -Name one -DiskBytes 10GB -PowerOn
            $null = New-NtnxGpuVm -Name two -DiskBytes 10GB
            @(Get-NtnxTask -Newest 2).Count | Should -Be 2
            $tasks = $one | Get-NtnxTask
            $tasks.Operation | Should -Contain 'CreateVm'
            $tasks.EntitiesAffected.ExtId | Sort-Object -Unique | Should -Be $one.ExtId
            (Get-NtnxTask -Status succeeded).Status | Sort-Object -Unique | Should -Be 'SUCCEEDED'
            Get-NtnxTask -Since (Get-Date).AddDays(1) | Should -BeNullOrEmpty
        }

        It 'follows a task to its end' {
            $null = New-NtnxGpuVm -Name one -DiskBytes 10GB
            $task = Get-NtnxTask -Newest 1
            (Get-NtnxTask -Id $task.ExtId -Wait).IsFinished | Should -BeTrue
            ($task | Get-NtnxTask).ExtId | Should -Be $task.ExtId
        }

        It 'tells why a task failed that it waited for' {
            Add-Fault $simulator TaskFails @{ Operation = 'CreateVm'; Message = 'Out of space.' }
            New-NtnxGpuVm -Name one -DiskBytes 10GB -ErrorAction SilentlyContinue
            $task = Get-NtnxTask -Status FAILED -Newest 1
            $task.ErrorMessage | Should -Match 'Out of space'
            Get-NtnxTask -Id $task.ExtId -Wait -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed[0].FullyQualifiedErrorId | Should -Be 'PrismTaskFailed,CudaWasmNutanix.Commands.GetNtnxTaskCommand'
        }

        It 'completes the states' {
            (TabExpansion2 'Get-NtnxTask -Status r' 22).CompletionMatches.CompletionText | Should -Be 'RUNNING'
        }
    }
}
