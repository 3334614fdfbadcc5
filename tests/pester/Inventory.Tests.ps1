BeforeAll {
    . $PSScriptRoot/Common.ps1
    $simulator = Start-TestSimulator @{ Clusters = 2; GpuModel = 'MI210', 'MI300X' }
    $session = $simulator | Connect-NtnxPrismCentral
}

AfterAll {
    $session | Disconnect-NtnxPrismCentral
    $simulator | Stop-NtnxPrismSimulator
}

Describe 'Get-NtnxGpuHost' {
    It 'lists the hosts with their GPUs' {
        $hosts = Get-NtnxGpuHost
        $hosts.Count | Should -Be 4
        $hosts | ForEach-Object { $_.GpuCount | Should -Be 2 }
        ($hosts | Measure-Object FreeGpuCount -Sum).Sum | Should -BeGreaterThan 0
        $hosts[0].GetType().FullName | Should -Be 'GpuPlatform.GpuHost'
    }

    It 'takes wildcards, several names and names from the pipeline' {
        $names = (Get-NtnxGpuHost).Name
        (Get-NtnxGpuHost "*$($names[0].Substring(2))").Name | Should -Be $names[0]
        (Get-NtnxGpuHost $names[0], $names[1]).Name | Should -Be $names[0, 1]
        ($names[2] | Get-NtnxGpuHost).Name | Should -Be $names[2]
        ([pscustomobject]@{ Name = $names[3] } | Get-NtnxGpuHost).Name | Should -Be $names[3]
    }

    It 'filters by cluster, vendor and model' {
        $cluster = (Get-NtnxGpuHost)[0].ClusterName
        (Get-NtnxGpuHost -Cluster $cluster).ClusterName | Sort-Object -Unique | Should -Be $cluster
        (Get-NtnxGpuHost -Vendor Amd).Count | Should -Be 4
        Get-NtnxGpuHost -Vendor Intel, Nvidia | Should -BeNullOrEmpty
        (Get-NtnxGpuHost -Model mi2*).Models | Sort-Object -Unique | Should -Be 'MI210'
    }

    It 'says which name there is not, and lists the others' {
        $name = (Get-NtnxGpuHost)[0].Name
        $found = Get-NtnxGpuHost $name, nowhere -ErrorVariable missing -ErrorAction SilentlyContinue
        $found.Name | Should -Be $name
        $missing.Count | Should -Be 1
        $missing[0].FullyQualifiedErrorId | Should -Be 'GpuHostNotFound,CudaWasmNutanix.Commands.GetNtnxGpuHostCommand'
        $missing[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $missing[0].TargetObject | Should -Be 'nowhere'
    }

    It 'finds nothing for a wildcard, without an error' {
        Get-NtnxGpuHost 'nowhere*' -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'lists what it can and says which part could not be read' {
        Add-Fault $simulator Status @{ StatusCode = 403; PathEndsWith = '/hosts'; Times = 1 }
        $found = Get-NtnxGpuHost -WarningVariable incomplete -WarningAction SilentlyContinue
        $null = $simulator.Simulator.ClearFaults()
        $found.Count | Should -Be 2 -Because 'the other cluster answered'
        $incomplete[0].Message | Should -Match 'cluster.*could not be read.*403'
    }

    It 'stops asking when nobody wants more' {
        (Get-NtnxGpuHost | Select-Object -First 1).GpuCount | Should -Be 2
    }

    It 'shows a table of at most 120 columns' {
        $lines = (Get-NtnxGpuHost | Out-String -Width 120) -split '\r?\n' -replace '\e\[[0-9;]*m'
        $lines | Where-Object { $_ -match '^Name\s+Cluster\s+Vendor\s+Model\s+GPUs\s+Free\s+GiB\s+Driver\s+State' } | Should -Not -BeNullOrEmpty
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 120
    }

    It 'completes names' {
        $name = (Get-NtnxGpuHost)[0].Name
        $line = "Get-NtnxGpuHost -Name $($name.Substring(0, 3))"
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain $name
        $line = 'Get-NtnxGpuHost -Model '
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'MI210', 'MI300X'
    }
}

Describe 'Get-NtnxGpu' {
    It 'gives one record for each device' {
        $gpus = Get-NtnxGpu
        $gpus.Count | Should -Be 8
        $gpus.Id | Sort-Object -Unique | Should -HaveCount 8
        $gpus | ForEach-Object { $_.PciAddress | Should -Match '^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$' }
    }

    It 'takes hosts from the pipeline without asking for them again' {
        $hosts = Get-NtnxGpuHost
        Add-Fault $simulator Status @{ StatusCode = 403; Times = 1 }
        ($hosts[0, 1] | Get-NtnxGpu -ErrorAction Stop).HostName | Sort-Object -Unique | Should -Be ($hosts[0, 1].Name | Sort-Object)
        $simulator.Simulator.ClearFaults() | Should -Be 1
    }

    It 'filters by model, device name, vendor, mode and whether it is free' {
        (Get-NtnxGpu -Model MI300X).Count | Should -Be 4
        (Get-NtnxGpu -Model 'AMD Instinct MI3*').Count | Should -Be 4
        (Get-NtnxGpu -Vendor Amd).Count | Should -Be 8
        Get-NtnxGpu -Vendor Nvidia | Should -BeNullOrEmpty
        Get-NtnxGpu -Mode Virtual | Should -BeNullOrEmpty
        $free = Get-NtnxGpu -Free
        $free.Count | Should -Be (Get-NtnxGpu | Where-Object IsFree).Count
        $free.AssignedVmId | Where-Object { $_ } | Should -BeNullOrEmpty
    }

    It 'says which machine holds a device' {
        $held = Get-NtnxGpu | Where-Object AssignedVmName | Select-Object -First 1
        (Get-NtnxGpuVm -Id $held.AssignedVmId).Name | Should -Be $held.AssignedVmName
    }
}

Describe 'Get-NtnxGpuVm' {
    It 'lists the machines with GPUs, by name, wildcard, id and host' {
        $all = Get-NtnxGpuVm
        $all.Count | Should -BeGreaterThan 1
        $all | ForEach-Object { $_.GpuCount | Should -BeGreaterThan 0 }
        (Get-NtnxGpuVm $all[0].Name).ExtId | Should -Contain $all[0].ExtId
        (Get-NtnxGpuVm "$($all[0].Name.Substring(0, 3))*").ExtId | Should -Contain $all[0].ExtId
        (Get-NtnxGpuVm -Id $all[0].ExtId).Name | Should -Be $all[0].Name
        ($all | Get-NtnxGpuVm).ExtId | Should -Be $all.ExtId
        $running = $all | Where-Object HostName | Select-Object -First 1
        (Get-NtnxGpuHost $running.HostName | Get-NtnxGpuVm).ExtId | Should -Contain $running.ExtId
    }

    It 'asks for no more than the pipeline wants, and for names by name' {
        $large = Start-TestSimulator @{ Vms = 3000 }
        $there = $large | Connect-NtnxPrismCentral
        try {
            $ledger = $large.Simulator.Ledger
            function Measure-Request([scriptblock] $Script) {
                $before = $ledger.Requests
                $null = & $Script
                $ledger.Requests - $before
            }
            $all = Get-NtnxGpuVm -Session $there
            Measure-Request { Get-NtnxGpuVm -Session $there } | Should -BeGreaterThan 30
            Measure-Request { Get-NtnxGpuVm -Session $there | Select-Object -First 10 } | Should -BeLessOrEqual 4
            Measure-Request { Get-NtnxGpuVm $all[-1].Name, $all[0].Name -Session $there } | Should -BeLessOrEqual 4
            Measure-Request { Get-NtnxGpuMetric $all[-1].Name -Session $there } | Should -BeLessOrEqual 4
            (Get-NtnxGpuVm $all[-1].Name.ToUpperInvariant(), $all[0].Name -Session $there).Name | Sort-Object | Should -Be ($all[-1].Name, $all[0].Name | Sort-Object)
        }
        finally {
            $there | Disconnect-NtnxPrismCentral
            $large | Stop-NtnxPrismSimulator
        }
    }

    It 'gives one error for each machine there is not' {
        $missing = '00000000-0000-4000-8000-000000000000'
        $known = (Get-NtnxGpuVm)[0].ExtId
        (Get-NtnxGpuVm -Id $missing, $known -ErrorVariable errors -ErrorAction SilentlyContinue).ExtId | Should -Be $known
        $errors.Count | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -Be 'PrismNotFound,CudaWasmNutanix.Commands.GetNtnxGpuVmCommand'
        $errors[0].TargetObject | Should -Be $missing
    }
}
