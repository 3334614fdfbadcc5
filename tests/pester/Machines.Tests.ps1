Describe 'Changing GPU machines' {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
        $env:CUDA_WASM_NUTANIX_STATE = Join-Path $TestDrive state
        $simulator = Start-TestSimulator @{ GpuModel = 'MI210', 'A40'; GpusPerHost = 4; Vms = 0 }
        $session = $simulator | Connect-NtnxPrismCentral
    }

    AfterAll {
        $session | Disconnect-NtnxPrismCentral
        $simulator | Stop-NtnxPrismSimulator
        Remove-Item Env:CUDA_WASM_NUTANIX_STATE
    }

    AfterEach {
        $null = $simulator.Simulator.ClearFaults()
        Get-NtnxGpuVm | Remove-NtnxGpuVm -Force -Confirm:$false
    }

    Context 'power' {
        BeforeEach { $vm = New-NtnxGpuVm trainer -DiskBytes 1GB -GpuModel MI210 }

        It 'starts, restarts and stops' {
            (Start-NtnxGpuVm trainer -PassThru).PowerState | Should -Be 'ON'
            ($vm | Restart-NtnxGpuVm -PassThru).PowerState | Should -Be 'ON'
            ($vm | Restart-NtnxGpuVm -PowerCycle -PassThru).PowerState | Should -Be 'ON'
            ($vm | Stop-NtnxGpuVm -PassThru).PowerState | Should -Be 'OFF'
            ($vm | Start-NtnxGpuVm -PassThru | Stop-NtnxGpuVm -Force -PassThru).PowerState | Should -Be 'OFF'
        }

        It 'leaves alone what is already as wanted' {
            (Stop-NtnxGpuVm trainer -PassThru).PowerState | Should -Be 'OFF'
            $null = Start-NtnxGpuVm trainer
            (Start-NtnxGpuVm trainer -PassThru).PowerState | Should -Be 'ON'
        }

        It 'does nothing under -WhatIf' {
            Start-NtnxGpuVm trainer -WhatIf
            (Get-NtnxGpuVm trainer).PowerState | Should -Be 'OFF'
        }

        It 'tells a machine that is not there' {
            Stop-NtnxGpuVm nobody -ErrorVariable missing -ErrorAction SilentlyContinue
            $missing[0].FullyQualifiedErrorId | Should -BeLike 'GpuVmNotFound,*'
        }
    }

    Context 'Set-NtnxGpuVm' {
        It 'changes name, description and size' {
            $null = New-NtnxGpuVm trainer -DiskBytes 1GB -GpuModel MI210
            $vm = Set-NtnxGpuVm trainer -NewName coach -Description 'of the team' -NumSockets 3 -MemoryBytes 48GB -PassThru
            $vm.Name | Should -Be 'coach'
            $vm.Description | Should -Be 'of the team'
            $vm.NumSockets | Should -Be 3
            $vm.MemoryBytes | Should -Be 48GB
            $vm.GpuCount | Should -Be 1
        }

        It 'refuses what needs power off, unless forced, and then says so' {
            $vm = New-NtnxGpuVm trainer -DiskBytes 1GB -GpuModel MI210 -PowerOn
            $vm | Set-NtnxGpuVm -NumCoresPerSocket 8 -ErrorVariable refused -ErrorAction SilentlyContinue
            $refused[0].FullyQualifiedErrorId | Should -BeLike 'VmPoweredOn,*'
            $after = $vm | Set-NtnxGpuVm -NumCoresPerSocket 8 -Force -PassThru -WarningVariable said -WarningAction SilentlyContinue
            $after.NumCoresPerSocket | Should -Be 8
            $after.PowerState | Should -Be 'ON'
            "$said" | Should -Match 'powered off for this change and on again'
        }

        It 'says that there is nothing to change' {
            { Set-NtnxGpuVm trainer } | Should -Throw '*nothing to change*'
        }
    }

    Context 'Add-NtnxVmGpu and Remove-NtnxVmGpu' {
        It 'attaches and detaches while the machine is off' {
            $vm = New-NtnxGpuVm trainer -DiskBytes 1GB -GpuModel MI210
            (Add-NtnxVmGpu trainer MI210 -Count 2 -PassThru).GpuCount | Should -Be 3
            (Remove-NtnxVmGpu trainer MI210 -Count 1 -Confirm:$false -PassThru).GpuCount | Should -Be 2
            (Remove-NtnxVmGpu trainer -All -Confirm:$false -PassThru).GpuCount | Should -Be 0
            Remove-NtnxGpuVm -Id $vm.ExtId -Confirm:$false
        }

        It 'refuses a running machine, and powers it off and on with -Force' {
            $vm = New-NtnxGpuVm trainer -DiskBytes 1GB -GpuModel MI210 -PowerOn
            $vm | Add-NtnxVmGpu -Gpu MI210 -ErrorVariable refused -ErrorAction SilentlyContinue
            $refused[0].Exception.Message | Should -Match 'only while it is powered off'
            $after = $vm | Add-NtnxVmGpu -Gpu MI210 -Force -PassThru -WarningVariable said -WarningAction SilentlyContinue
            $after.GpuCount | Should -Be 2
            $after.PowerState | Should -Be 'ON'
            "$said" | Should -Match 'powered off for this change'
        }

        It 'powers on again when the change fails, and says so' {
            $vm = New-NtnxGpuVm trainer -DiskBytes 1GB -GpuModel MI210 -PowerOn
            Add-Fault $simulator TaskFails @{ Operation = 'CreateGpu'; Message = 'The bus is full.' }
            $vm | Add-NtnxVmGpu -Gpu MI210 -Force -ErrorVariable failed -ErrorAction SilentlyContinue -WarningVariable said -WarningAction SilentlyContinue
            $failed[0].Exception.Message | Should -Match 'The bus is full'
            "$said" | Should -Match 'powered on again'
            (Get-NtnxGpuVm trainer).PowerState | Should -Be 'ON'
        }

        It 'names what the cluster has when the GPU is not there' {
            $null = New-NtnxGpuVm trainer -DiskBytes 1GB -GpuModel MI210
            Add-NtnxVmGpu trainer H100 -ErrorVariable wrong -ErrorAction SilentlyContinue
            $wrong[0].Exception.Message | Should -Match 'It has:.*Ampere 40'
        }
    }

    Context 'tasks' {
        It 'waits for tasks and says why one failed' {
            Add-Fault $simulator TaskFails @{ Operation = 'PowerOnVm'; Message = 'No power today.' }
            $vm = New-NtnxGpuVm trainer -DiskBytes 1GB -GpuModel MI210
            Start-NtnxGpuVm trainer -ErrorAction SilentlyContinue
            $tasks = $vm | Get-NtnxTask
            $tasks | Where-Object IsSucceeded | Wait-NtnxTask | ForEach-Object { $_.Status | Should -Be 'SUCCEEDED' }
            $tasks | Where-Object Status -EQ FAILED | Select-Object -First 1 | Wait-NtnxTask -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'PrismTaskFailed,*'
            $failed[0].Exception.Message | Should -Match 'No power today'
        }

        It 'cancels a task that can be' {
            $slow = Start-TestSimulator @{ TaskDurationScale = 50; Vms = 0; GpuModel = 'MI210' }
            $there = $slow | Connect-NtnxPrismCentral
            try {
                $state = Invoke-ThenStop -Script @'
                    param($server, $credential)
                    $s = Connect-NtnxPrismCentral $server -Credential $credential
                    New-NtnxGpuVm doomed -DiskBytes 1GB -PassThru
'@ -Arguments $slow.Server, $slow.Credential -When { param($output) $output.Count -gt 0 }
                $state.Output[0].TaskExtId | Should -BeLike 'ZXJnb24=:*'
                (Stop-NtnxTask $state.Output[0].TaskExtId -Wait -Session $there -Confirm:$false).Status | Should -Be 'CANCELED'
                Stop-NtnxTask $state.Output[0].TaskExtId -Session $there -Confirm:$false -ErrorVariable late -ErrorAction SilentlyContinue
                $late[0].Exception.Message | Should -Match 'cannot be cancelled'
            }
            finally {
                $there | Disconnect-NtnxPrismCentral
                $slow | Stop-NtnxPrismSimulator
            }
        }

        It 'takes up the creation of a process that was ended, and makes no second machine' {
            $slow = Start-TestSimulator @{ TaskDurationScale = 4; Vms = 0; GpuModel = 'MI210' }
            try {
                $null = Invoke-ThenStop -Script @'
                    param($server, $credential)
                    $s = Connect-NtnxPrismCentral $server -Credential $credential
                    New-NtnxGpuVm orphan -DiskBytes 1GB -PassThru -PowerOn
'@ -Arguments $slow.Server, $slow.Credential -When { param($output) $output.Count -gt 0 }
                $there = $slow | Connect-NtnxPrismCentral
                $vm = Wait-NtnxTask -Resume -Session $there
                $vm.Name | Should -Be 'orphan'
                $vm.PowerState | Should -Be 'ON'
                $slow.Simulator.Ledger.AcceptedCreates | Should -Be 1
                Wait-NtnxTask -Resume -Session $there | Should -BeNullOrEmpty
                $there | Disconnect-NtnxPrismCentral
            }
            finally {
                $slow | Stop-NtnxPrismSimulator
            }
        }

        It 'writes request id and task id to the verbose stream, and leaves no state behind' {
            $out = New-NtnxGpuVm trainer -DiskBytes 1GB -GpuModel MI210 -PassThru -Verbose 4>&1
            $ids = $out | Where-Object { $_ -is [Management.Automation.VerboseRecord] -and $_.Message -match 'Creation of .trainer.: request id [0-9a-f-]{36}, task id ZXJnb24=' }
            $ids | Should -Not -BeNullOrEmpty
            ($out | Where-Object { $_.GetType().Name -eq 'PendingCreation' }).TaskExtId | Should -BeLike 'ZXJnb24=:*'
            Get-ChildItem $env:CUDA_WASM_NUTANIX_STATE -ErrorAction Ignore | Select-String '"trainer"' | Should -BeNullOrEmpty
        }
    }

    Context 'New-NtnxCloudInit' {
        It 'installs driver, CUDA and the container toolkit, and begins as it must' {
            $text = New-NtnxCloudInit -CudaVersion 12.8 -ContainerToolkit -Hostname trainer -Package git
            $text | Should -Match '^#cloud-config\n'
            $text | Should -Match 'cuda-toolkit-12-8'
            $text | Should -Match 'nvidia-ctk'
            $text | Should -Match 'ubuntu2404'
            New-NtnxCloudInit -Distribution Rhel -DistributionVersion 9 | Should -Match 'nvidia-driver:570-dkms'
        }

        It 'is encoded once on its way into a machine, whether it comes as text or in base64' {
            $script = "#!/bin/sh`necho hello`n"
            $base64 = New-NtnxCloudInit -Script $script -AsBase64
            $text = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($base64))
            $text | Should -Be (New-NtnxCloudInit -Script $script)
            $text | Should -Match 'first-boot'
            (New-NtnxGpuVm one -DiskBytes 1GB -GpuModel MI210 -UserData $text).Name | Should -Be 'one'
        }

        It 'sets the worker up as a service, with a checked program' {
            $text = New-NtnxCloudInit -WorkerUrl https://example.com/cuda-wasm -WorkerSha256 ('a' * 64) -WorkerPort 9000
            $text | Should -Match 'cuda-wasm.service'
            $text | Should -Match 'http://127.0.0.1:9000'
            $text | Should -Match 'sha256sum --check'
            New-NtnxCloudInit -WorkerUrl https://example.com/x -ErrorVariable unchecked -ErrorAction SilentlyContinue
            $unchecked[0].Exception.Message | Should -Match 'WorkerSha256'
        }

        It 'writes a file' {
            (New-NtnxCloudInit -Path $TestDrive/user-data.yaml).FullName | Should -Exist
        }

        It 'refuses what cannot be' {
            New-NtnxCloudInit -Distribution Rhel -GpuVendor Amd -ErrorVariable wrong -ErrorAction SilentlyContinue
            $wrong[0].FullyQualifiedErrorId | Should -BeLike 'InvalidManifest,*'
            New-NtnxGpuVm bad -DiskBytes 1GB -UserData "#cloud-config`nusers: [" -ErrorVariable yaml -ErrorAction SilentlyContinue
            $yaml[0].Exception.Message | Should -Match 'must be YAML; line'
        }
    }
}
