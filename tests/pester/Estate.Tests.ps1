Describe 'The estate' {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
        $simulator = Start-TestSimulator @{ Clusters = 2; Hosts = 8; GpusPerHost = 4; GpuModel = 'A100-80GB', 'A40', 'MI210', 'MI300X'; Vms = 12 }
        $session = $simulator | Connect-NtnxPrismCentral
    }

    AfterAll {
        $session | Disconnect-NtnxPrismCentral
        $simulator | Stop-NtnxPrismSimulator
    }

    AfterEach { $null = $simulator.Simulator.ClearFaults() }

    Context 'Get-NtnxCluster' {
        It 'lists the clusters without the Prism Central itself' {
            (Get-NtnxCluster).Name | Should -Be 'ahv-cluster-01', 'ahv-cluster-02'
            (Get-NtnxCluster -IncludePrismCentral).Count | Should -Be 3
        }

        It 'takes wildcards and tells of a name that is not there' {
            (Get-NtnxCluster *-02).Name | Should -Be 'ahv-cluster-02'
            Get-NtnxCluster nope -ErrorVariable missing -ErrorAction SilentlyContinue
            $missing[0].FullyQualifiedErrorId | Should -BeLike 'ClusterNotFound,*'
        }
    }

    Context 'Get-NtnxGpuHost' {
        It 'filters by vendor, memory and free GPUs' {
            (Get-NtnxGpuHost -Vendor Amd).Models | Sort-Object -Unique | Should -Be 'MI210', 'MI300X'
            (Get-NtnxGpuHost -MinGpuMemory 100GB).Models | Sort-Object -Unique | Should -Be 'MI300X'
            Get-NtnxGpuHost -MinFreeGpu 99 | Should -BeNullOrEmpty
            foreach ($found in Get-NtnxGpuHost -Vendor Nvidia -MinGpuMemory 80GB -MinFreeGpu 2) {
                @($found.Gpus | Where-Object { $_.IsFree -and $_.MemoryBytes -ge 80GB }).Count | Should -BeGreaterOrEqual 2
            }
        }

        It 'takes clusters from the pipeline of names' {
            (Get-NtnxGpuHost -Cluster (Get-NtnxCluster *-01).Name).ClusterName | Sort-Object -Unique | Should -Be 'ahv-cluster-01'
        }
    }

    Context 'Get-NtnxGpuProfile' {
        It 'says what the names mean' {
            (Get-NtnxGpuProfile 'NVIDIA A40-8Q')[0].Meaning | Should -Match '8 GB of an A40.*workstation'
            (Get-NtnxGpuProfile 'Ampere 40')[0].Meaning | Should -Match 'whole device for compute, 48 GiB'
        }

        It 'counts devices, and finds profiles by model, cluster, mode and what is free' {
            $whole = Get-NtnxGpuProfile MI210 -Mode PassthroughCompute
            ($whole | Measure-Object Devices -Sum).Sum | Should -Be (Get-NtnxGpu -Model MI210).Count
            ($whole | Measure-Object Free -Sum).Sum | Should -Be @(Get-NtnxGpu -Model MI210 -Free).Count
            (Get-NtnxCluster *-01 | Get-NtnxGpuProfile).ClusterName | Sort-Object -Unique | Should -Be 'ahv-cluster-01'
            (Get-NtnxGpuProfile -Mode Virtual -Free).Free | ForEach-Object { $_ | Should -BeGreaterThan 0 }
        }
    }

    Context 'Get-NtnxGpuSummary' {
        It 'counts what Get-NtnxGpu lists, by cluster, vendor and model' {
            $all = Get-NtnxGpu
            foreach ($line in Get-NtnxGpuSummary) {
                $same = @($all | Where-Object { $_.ClusterName -eq $line.ClusterName -and $_.Model -eq $line.Model })
                $line.Total | Should -Be $same.Count
                $line.Free | Should -Be @($same | Where-Object IsFree).Count
                $line.InUse | Should -Be @($same | Where-Object AssignedVmId).Count
                $line.MemoryBytes | Should -Be ($same | Measure-Object MemoryBytes -Sum).Sum
            }
            (Get-NtnxGpuSummary | Measure-Object Total -Sum).Sum | Should -Be $all.Count
        }

        It 'counts hosts of the pipeline' {
            (Get-NtnxGpuHost -Model MI210 | Get-NtnxGpuSummary -Model MI210 | Measure-Object Total -Sum).Sum | Should -Be @(Get-NtnxGpu -Model MI210).Count
        }
    }

    Context 'Find-NtnxGpuHost' {
        It 'ranks and gives reasons' {
            $found = @(Find-NtnxGpuHost MI210 -Count 2)
            $found[0].Rank | Should -Be 1
            $found[0].Reason | Should -Match '^2 × MI210'
            $found[0].Gpus.Count | Should -Be 2
        }

        It 'packs or spreads' {
            $pack = @(Find-NtnxGpuHost -Vendor Amd -Mode PassthroughCompute -Strategy Pack | Where-Object { $_.Gpus[0].Model -eq 'MI210' })
            $spread = @(Find-NtnxGpuHost -Vendor Amd -Mode PassthroughCompute -Strategy Spread | Where-Object { $_.Gpus[0].Model -eq 'MI210' })
            $pack[0].Host.FreeGpuCount | Should -BeLessOrEqual $pack[-1].Host.FreeGpuCount
            $spread[0].Host.FreeGpuCount | Should -BeGreaterOrEqual $spread[-1].Host.FreeGpuCount
        }

        It 'keeps to one NUMA node' {
            foreach ($found in Find-NtnxGpuHost MI300X -Count 2 -NumaAligned) {
                @($found.Gpus.NumaNode | Sort-Object -Unique).Count | Should -Be 1
            }
        }

        It 'says why none fits, host by host' {
            Find-NtnxGpuHost H100 -ErrorVariable none -ErrorAction SilentlyContinue
            $none[0].FullyQualifiedErrorId | Should -BeLike 'NoFreeGpu,*'
            $none[0].Exception.Message | Should -Match 'it has no H100'
        }

        It 'shows those that do not fit on request' {
            @(Find-NtnxGpuHost MI210 -ShowRejected | Where-Object { $_.GetType().Name -eq 'GpuPlacementRejection' }).Reason | Should -Match 'has no MI210'
        }
    }

    Context 'Get-NtnxHostCapability' {
        It 'tells what hosts can do' {
            $shared = Get-NtnxGpuHost -Model A40 | Get-NtnxHostCapability
            $shared.SupportsVgpu | Should -Contain $true
            $whole = @(Get-NtnxHostCapability | Where-Object { $_.Models -contains 'MI300X' })[0]
            $whole.SupportsPassthrough | Should -BeTrue
            $whole.SupportsVgpu | Should -BeFalse
            $whole.Architecture | Should -Be 'X86_64'
            $whole.LargestNumaAlignedRequest | Should -BeLessOrEqual $whole.LargestRequest
        }
    }

    Context 'Get-NtnxImage and Get-NtnxSubnet' {
        It 'lists images by name and type' {
            (Get-NtnxImage ubuntu*).Name | Should -Be 'ubuntu-24'
            (Get-NtnxImage -Type ISO_IMAGE).Name | Should -Be 'virtio-1.2.4'
        }

        It 'lists the subnets of a cluster' {
            $cluster = Get-NtnxCluster *-01
            ($cluster | Get-NtnxSubnet).ClusterIds | Sort-Object -Unique | Should -Be $cluster.ExtId
            (Get-NtnxSubnet).Count | Should -BeGreaterThan @($cluster | Get-NtnxSubnet).Count
        }
    }

    Context 'Get-NtnxGpuMetric' {
        It 'reads the past of a machine in percent and bytes' {
            $vm = Get-NtnxGpuVm | Where-Object PowerState -EQ ON | Select-Object -First 1
            $samples = @($vm | Get-NtnxGpuMetric -Last 00:10:00 -Interval 60)
            $samples.Count | Should -BeGreaterThan 5
            $samples[0].GpuUsagePercent | Should -BeGreaterOrEqual 0
            $samples[0].FrameBufferUsedBytes | Should -BeGreaterThan 0
            @($vm | Get-NtnxGpuMetric -Newest).Count | Should -Be 1
        }

        It 'writes alert records when a threshold is reached' {
            $records = @(Watch-NtnxGpuMetrics -Count 1 -Interval 1 -FrameBufferAbove 0)
            $alert = @($records | Where-Object { $_.GetType().Name -eq 'GpuMetricAlert' })[0]
            $alert.State | Should -Be 'raised'
            $alert.Message | Should -Match 'at or above 0 %'
            @(Watch-NtnxGpuMetrics -Count 1 -Interval 1 -FrameBufferAbove 0 -AlertsOnly | Where-Object { $_.GetType().Name -eq 'GpuMetricSample' }).Count | Should -Be 0
        }
    }

    It 'warns, with the cause, of a source that failed, and lists the rest' {
        Add-Fault $simulator Status @{ StatusCode = 403; PathContains = 'virtual-gpu-profiles'; Times = 50 }
        $hosts = Get-NtnxGpuHost -WarningVariable warnings -WarningAction SilentlyContinue
        $hosts.Count | Should -Be 8
        $warnings.Count | Should -Be 2
        "$warnings" | Should -Match 'virtual GPU profiles of cluster ahv-cluster-01.*403'
    }
}

Describe 'An older Prism Central' {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
        $simulator = Start-TestSimulator @{ ApiGeneration = 'V3'; GpuModel = 'A100-80GB', 'MI210' }
        $session = $simulator | Connect-NtnxPrismCentral
    }

    AfterAll {
        $session | Disconnect-NtnxPrismCentral
        $simulator | Stop-NtnxPrismSimulator
    }

    It 'is spoken to in v3, whichever is asked for or not' {
        $session.ApiGeneration | Should -Be 'V3'
        $forced = Connect-NtnxPrismCentral $simulator.Server -Credential $simulator.Credential -ApiVersion v3
        $forced.ApiGeneration | Should -Be 'V3'
        $forced | Disconnect-NtnxPrismCentral
        Connect-NtnxPrismCentral $simulator.Server -Credential $simulator.Credential -ApiVersion v4 -ErrorVariable refused -ErrorAction SilentlyContinue
        $refused[0].FullyQualifiedErrorId | Should -BeLike 'PrismVersion,*'
    }

    It 'gives the same records' {
        (Get-NtnxGpuHost).Count | Should -Be 4
        (Get-NtnxGpu -Free).Count | Should -BeGreaterThan 0
        (Get-NtnxCluster).Name | Should -Be 'ahv-cluster-01'
        (Get-NtnxImage).Count | Should -Be 4
        (Get-NtnxSubnet).Count | Should -BeGreaterThan 0
        (Get-NtnxGpuProfile).Count | Should -BeGreaterThan 1
    }

    It 'makes, changes and removes machines' {
        $vm = New-NtnxGpuVm -Name old -Image ubuntu-24 -GpuModel MI210 -PowerOn
        $vm.PowerState | Should -Be 'ON'
        ($vm | Set-NtnxGpuVm -NumCoresPerSocket 2 -Force -PassThru -WarningAction SilentlyContinue).NumCoresPerSocket | Should -Be 2
        ($vm | Stop-NtnxGpuVm -PassThru).PowerState | Should -Be 'OFF'
        $vm | Remove-NtnxGpuVm -Confirm:$false
        Get-NtnxGpuVm old -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
    }
}
