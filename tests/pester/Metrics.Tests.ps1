Describe 'Watch-NtnxGpuMetrics' {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
        $simulator = Start-TestSimulator
        $session = $simulator | Connect-NtnxPrismCentral
        $running = @(Get-NtnxGpuVm | Where-Object PowerState -EQ ON)
    }

    AfterAll {
        $session | Disconnect-NtnxPrismCentral
        $simulator | Stop-NtnxPrismSimulator
    }

    It 'gives the newest sample of each running machine' {
        $samples = Watch-NtnxGpuMetrics -Count 1 -Interval 30
        $samples.VmName | Sort-Object | Should -Be ($running.Name | Sort-Object)
        $samples | ForEach-Object {
            $_.GpuUsagePercent | Should -BeGreaterOrEqual 0
            $_.GpuUsagePercent | Should -BeLessOrEqual 100
            $_.Timestamp | Should -BeGreaterThan ([DateTimeOffset]::UtcNow.AddMinutes(-6))
        }
    }

    It 'streams new samples only, in order' {
        $samples = @(Watch-NtnxGpuMetrics -Name $running[0].Name -Interval 1 -Count 4)
        $samples.Count | Should -BeGreaterThan 1
        $samples.VmId | Sort-Object -Unique | Should -Be $running[0].ExtId
        $times = $samples.Timestamp
        $times | Should -Be ($times | Sort-Object -Unique)
    }

    It 'takes machines from the pipeline and ends after its duration' {
        ($running[0] | Watch-NtnxGpuMetrics -Interval 1 -Duration 1.5).VmId | Sort-Object -Unique | Should -Be $running[0].ExtId
    }

    It 'reads a number as seconds and a text as a time span' {
        $line = [scriptblock]::Create('Watch-NtnxGpuMetrics -Interval 0.5')
        { & $line } | Should -Throw -ErrorId 'InvalidArgument,*'
        @(Watch-NtnxGpuMetrics -Interval '00:00:30' -Count 1).Count | Should -Be $running.Count
    }

    It 'says which machine there is not' {
        Get-NtnxGpuMetric -Id ([guid]::Empty) -ErrorVariable missing -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $missing[0].FullyQualifiedErrorId | Should -Be 'GpuVmNotFound,CudaWasmNutanix.Commands.GetNtnxGpuMetricCommand'
        Watch-NtnxGpuMetrics -Name nobody -Count 1 -ErrorVariable missing -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $missing[0].FullyQualifiedErrorId | Should -Be 'GpuVmNotFound,CudaWasmNutanix.Commands.WatchNtnxGpuMetricsCommand'
    }

    It 'stops within a second on Ctrl+C' {
        $stopped = Invoke-ThenStop {
            param($server, $credential)
            $null = Connect-NtnxPrismCentral -Server $server -Credential $credential
            Watch-NtnxGpuMetrics -Interval 3600
        } $simulator.Server, $simulator.Credential { param($output) $output.Count -gt 0 }
        $stopped.State | Should -Be 'Stopped'
        $stopped.Seconds | Should -BeLessThan 1
        $stopped.Output.Count | Should -BeGreaterThan 0
    }

    It 'ends when nobody wants more' {
        @(Watch-NtnxGpuMetrics -Interval 5 -Duration 60 | Select-Object -First 1).Count | Should -Be 1
    }
}
