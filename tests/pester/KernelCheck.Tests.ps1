BeforeAll {
    . $PSScriptRoot/Common.ps1

    # Writes a source file into the test's folder and gives its path.
    function New-Source([string] $Text, [string] $Name = 'test.cu') {
        $file = Join-Path $TestDrive $Name
        [IO.File]::WriteAllText($file, $Text)
        $file
    }

    $rotate = @'
__global__ void rotate(const float *x, float *y)
{
    __shared__ float tile[64];
    tile[threadIdx.x] = x[threadIdx.x];
    /* barrier */
    y[threadIdx.x] = tile[(threadIdx.x + 33) % 64];
}
'@
    [float[]] $x = 1..64
    $plain = { param([object] $Shown) ($Shown | Out-String) -replace '\e\[[0-9;]*m' }
}

Describe 'Test-CudaWasmKernel' {
    It 'writes nothing about a kernel that is right, and leaves the arrays alone' {
        $source = New-Source ($rotate -replace '/\* barrier \*/', '__syncthreads();')
        [float[]] $y = , -1 * 64
        Test-CudaWasmKernel $source -Grid 1 -Block 64 -ArgumentList $x, $y | Should -BeNullOrEmpty
        $y | Sort-Object -Unique | Should -Be -1
        Test-CudaWasmKernel $source -Grid 1 -Block 64 -ArgumentList $x, $y -Quiet | Should -BeTrue
    }

    It 'names both threads, both lines and the element of a race' {
        $source = New-Source $rotate
        $race = Test-CudaWasmKernel $source -Grid 1 -Block 64 -ArgumentList $x, ([float[]]::new(64))
        $race.Count | Should -BeGreaterThan 1 -Because 'many threads race at one place'
        @($race).Length | Should -Be 1
        $race.Kind | Should -Be 'Race'
        $race.Severity | Should -Be 'Error'
        $race.Code | Should -Be 'CW4020'
        $race.Kernel | Should -Be 'rotate'
        $race.File | Should -Be $source
        $race.Line, $race.OtherLine | Sort-Object | Should -Be 4, 6
        $race.Buffer | Should -Be 'tile'
        $race.Offset | Should -Be ($race.Index * 4)
        "$($race.Block) $($race.OtherBlock)" | Should -Be '(0,0,0) (0,0,0)'
        $race.Thread | Should -Not -Be $race.OtherThread
        Test-CudaWasmKernel $source -Grid 1 -Block 64 -ArgumentList $x, ([float[]]::new(64)) -Quiet | Should -BeFalse
    }

    It 'shows the source line with a caret, and a table when asked' {
        $source = New-Source $rotate
        $race = Test-CudaWasmKernel $source -Grid 1 -Block 64 -ArgumentList $x, ([float[]]::new(64))
        $shown = & $plain $race
        $shown | Should -Match 'error CW4020: race: thread \(\d+,0,0\) of block \(0,0,0\) .* \(\d+ times\)'
        $shown | Should -Match '(?m)^ +\^~+\r?$'
        & $plain ($race | Format-Table) | Should -Match 'Error +Race'
    }

    It 'finds <Kind> in "<Body>"' -ForEach @(
        @{ Kind = 'OutOfBounds'; Body = 'out[threadIdx.x + 1] = 1;' }
        @{ Kind = 'Misaligned'; Body = 'if (threadIdx.x == 0) *(float2 *)(out + 1) = make_float2(1, 2);' }
        @{ Kind = 'UninitializedRead'; Body = 'int a[2]; a[threadIdx.x & 1] = 1; out[threadIdx.x] = a[0];' }
        @{ Kind = 'Race'; Body = 'if (threadIdx.x == 0) out[blockDim.x - 1] = 7; out[threadIdx.x] = 1;' }
        @{ Kind = 'DivergentBarrier'; Body = 'if (threadIdx.x < 2) __syncthreads(); else { out[threadIdx.x] = 1; __syncthreads(); }' }
        @{ Kind = 'DivergentWarp'; Body = 'if (threadIdx.x < 2) out[threadIdx.x] = __shfl_sync(0xffffffff, threadIdx.x, 0);' }
        @{ Kind = 'Fault'; Body = 'out[threadIdx.x] = 1 / out[threadIdx.x];' }
    ) {
        $source = New-Source "__global__ void k(int *out) { $Body }"
        $found = Test-CudaWasmKernel $source -Grid 1 -Block 8 -ArgumentList ([int[]]::new(8))
        $found.Kind | Should -Be $Kind
        $found.Line | Should -Be 1
    }

    It 'checks launch files from the pipeline and writes none of their outputs' {
        $null = New-Source $rotate rotate.cu
        Set-Content "$TestDrive/rotate.json" '{ "source": "rotate.cu", "kernel": "rotate", "grid": [1], "block": [64],
            "arguments": [ { "buffer": "float", "count": 64 }, { "buffer": "float", "count": 64, "output": "y.bin" } ] }'
        $found = Get-Item "$TestDrive/rotate.json" | Test-CudaWasmKernel
        $found.Kind | Sort-Object | Should -Be 'UninitializedRead', 'Race'
        ($found | Where-Object Kind -EQ UninitializedRead).Buffer | Should -Be 'x' -Because 'the file gives it no content'
        Test-Path "$TestDrive/y.bin" | Should -BeFalse
    }

    It 'lets notes pass' {
        $source = New-Source '__global__ void flag(int *out) { out[0] = 1; }'
        $note = Test-CudaWasmKernel $source -Grid 1 -Block 8 -ArgumentList ([int[]]::new(1))
        $note.Severity | Should -Be 'Note'
        $note.Count | Should -Be 7
        Test-CudaWasmKernel $source -Grid 1 -Block 8 -ArgumentList ([int[]]::new(1)) -Quiet | Should -BeTrue
    }

    It 'says what is wrong with a source or an argument, as Invoke-CudaWasmKernel does' {
        $source = New-Source '__global__ void k(int *out) { out[0] = nothing; }'
        Test-CudaWasmKernel $source -Grid 1 -Block 1 -ArgumentList ([int[]]::new(1)) -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'CW2001,*'
        Test-CudaWasmKernel (New-Source $rotate) -Grid 1 -Block 1 -Quiet -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].Exception.Message | Should -Match 'takes 2 arguments'
    }

    It 'stops at its time, and on Ctrl+C within a second' {
        $source = New-Source '__global__ void spin(volatile int *a) { while (a[0] == 0) { } }' spin.cu
        Test-CudaWasmKernel $source -Grid 1 -Block 1 -ArgumentList ([int[]]::new(1)) -TimeoutSeconds 0.3 -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].CategoryInfo.Category | Should -Be 'OperationTimeout'
        $stopped = Invoke-ThenStop {
            param($source)
            'started'
            Test-CudaWasmKernel $source -Grid 1 -Block 1 -ArgumentList ([int[]]::new(1))
        } $source { param($output) if ($output.Count -gt 0) { Start-Sleep 1; $true } }
        $stopped.State | Should -Be 'Stopped'
        $stopped.Seconds | Should -BeLessThan 1
    }

    It 'completes the kernels of the file' {
        $source = New-Source $rotate
        $line = "Test-CudaWasmKernel -Path '$source' -Kernel "
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'rotate'
    }
}
