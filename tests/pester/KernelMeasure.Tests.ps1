BeforeAll {
    . $PSScriptRoot/Common.ps1

    # Writes a file into the test's folder and gives its path.
    function New-TestFile([string] $Name, [string] $Text) {
        $file = Join-Path $TestDrive $Name
        [IO.File]::WriteAllText($file, $Text)
        $file
    }

    $triad = New-TestFile triad.cu @'
__global__ void triad(float *a, const float *b, const float *c, float s, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) a[i] = b[i] + s * c[i];
}
'@
    [float[]] $a = , 7 * 4096
    [float[]] $b = 1..4096
    [float[]] $c = 1..4096
    $plain = { param([object] $Shown) ($Shown | Out-String -Width 160) -replace '\e\[[0-9;]*m' }
}

Describe 'Measure-CudaWasmKernel' {
    It 'times a kernel and counts its bytes and operations' {
        $result = Measure-CudaWasmKernel $triad -Grid 16 -Block 256 -ArgumentList $a, $b, $c, 3.0, 4096 -Repeat 5 -Warmup 1
        $result.Kernel | Should -Be 'triad'
        $result.Path | Should -Be $triad
        $result.Repeat | Should -Be 5
        $result.MinMilliseconds | Should -BeGreaterThan 0
        $result.MedianMilliseconds | Should -BeGreaterOrEqual $result.MinMilliseconds
        $result.Measurement.Bytes | Should -Be (12 * 4096)
        $result.Measurement.FloatOperations | Should -Be (2 * 4096)
        $result.GigabytesPerSecond | Should -BeGreaterThan 0
        $result.BandwidthPercent | Should -BeGreaterThan 0
        $result.PeakPercent | Should -BeGreaterThan 0
        $result.ActiveLanesPercent | Should -Be 100
    }

    It 'leaves the arrays as they are' {
        $null = Measure-CudaWasmKernel $triad -Grid 16 -Block 256 -ArgumentList $a, $b, $c, 3.0, 4096 -Repeat 1
        $a | Sort-Object -Unique | Should -Be 7
    }

    It 'says why there are no vectors' {
        $result = Measure-CudaWasmKernel $triad -Grid 1 -Block 32 -ArgumentList $a, $b, $c, 3.0, 32 -Repeat 1 -VectorBits 0
        $result.VectorBits | Should -Be 0
        $result.ScalarReason | Should -Be 'vectors are switched off'
        & $plain $result | Should -Match 'Vectors +: none: vectors are switched off'
    }

    It 'shows the shares of the machine, and a table when asked' {
        $result = Measure-CudaWasmKernel $triad -Grid 16 -Block 256 -ArgumentList $a, $b, $c, 3.0, 4096 -Repeat 3 -Unchecked
        $shown = & $plain $result
        $shown | Should -Match 'Time +: \d+\.\d{3} ms median, \d+\.\d{3} ms best of 3'
        $shown | Should -Match 'Memory +: \d+\.\d\d GB/s, \d+\.\d % of the \d+\.\d GB/s of this machine'
        & $plain ($result | Format-Table) | Should -Match 'GFLOP/s +% peak'
    }

    It 'measures a launch file and writes none of its outputs' {
        $launch = New-TestFile triad.json @'
{ "source": "triad.cu", "kernel": "triad", "grid": [16, 1, 1], "block": [256, 1, 1],
  "arguments": [ { "buffer": "float", "count": 4096, "output": "a.bin" }, { "buffer": "float", "count": 4096, "fill": 1 },
                 { "buffer": "float", "count": 4096, "fill": 2 }, { "float": 3.0 }, { "int": 4096 } ] }
'@
        $result = Get-Item $launch | Measure-CudaWasmKernel -Repeat 2
        $result.Measurement.Bytes | Should -Be (12 * 4096)
        $result.Path | Should -Be $launch
        Join-Path $TestDrive a.bin | Should -Not -Exist
    }

    It 'reports a stray access as the kernel''s error' {
        $null = Measure-CudaWasmKernel $triad -Grid 17 -Block 256 -ArgumentList $a, $b, $c, 3.0, 5000 -ErrorVariable stray -ErrorAction SilentlyContinue
        $stray[0].FullyQualifiedErrorId | Should -BeLike 'CW4*'
        $stray[0].TargetObject.Buffer | Should -Be 'b'
    }
}
