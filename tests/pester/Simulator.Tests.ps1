Describe 'The simulator' {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
    }

    AfterEach {
        Stop-NtnxPrismSimulator
    }

    It 'has the estate that was asked for' {
        $simulator = Start-NtnxPrismSimulator -Hosts 2 -GpusPerHost 3 -GpuModel A40, MI300X -Vms 0
        $session = $simulator | Connect-NtnxPrismCentral
        $gpus = Get-NtnxGpu -Session $session
        $gpus.Count | Should -Be 6
        $gpus.Model | Sort-Object -Unique | Should -Be 'A40', 'MI300X'
        $session | Disconnect-NtnxPrismCentral
    }

    It 'is the same again for the same seed' {
        $names = foreach ($run in 1, 2) {
            $session = Start-NtnxPrismSimulator -Seed 42 | Connect-NtnxPrismCentral
            (Get-NtnxGpuVm -Session $session | Sort-Object ExtId).ExtId -join ' '
            $session | Disconnect-NtnxPrismCentral
        }
        $names[0] | Should -Not -BeNullOrEmpty
        $names[1] | Should -Be $names[0]
    }

    It 'survives a network that loses every fourth answer' {
        $session = Start-NtnxPrismSimulator -FaultRate 0.25 -Seed 3 | Connect-NtnxPrismCentral
        @(Get-NtnxGpuHost -Session $session).Count | Should -Be 4
        $session | Disconnect-NtnxPrismCentral
    }

    It 'stops, all of them or the one given' {
        $first = Start-NtnxPrismSimulator
        $second = Start-NtnxPrismSimulator
        $first | Stop-NtnxPrismSimulator -WhatIf
        $first.IsRunning | Should -BeTrue
        $first | Stop-NtnxPrismSimulator
        $first.IsRunning, $second.IsRunning | Should -Be $false, $true
        Stop-NtnxPrismSimulator
        $second.IsRunning | Should -BeFalse
    }

    It 'starts nothing under -WhatIf' {
        Start-NtnxPrismSimulator -WhatIf | Should -BeNullOrEmpty
    }

    It 'says which port is taken' {
        $first = Start-NtnxPrismSimulator
        Start-NtnxPrismSimulator -Port ([uri] $first.Server).Port -ErrorVariable taken -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $taken[0].FullyQualifiedErrorId | Should -BeLike 'SimulatorNotStarted,*'
        $taken[0].CategoryInfo.Category | Should -Be 'ResourceUnavailable'
    }
}
