BeforeAll {
    . $PSScriptRoot/Common.ps1

    # Writes a source file into the test's folder and gives its path.
    function New-Source([string] $Text, [string] $Name = 'test.cu') {
        $file = Join-Path $TestDrive $Name
        [IO.File]::WriteAllText($file, $Text)
        $file
    }

    $saxpy = New-Source -Name saxpy.cu @'
#include <cstdio>
__global__ void saxpy(float a, const float *x, float *y, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
}

__global__ void halve(double *x) { x[threadIdx.x] *= 0.5; }

int main() { printf("host code\n"); return 0; }
'@
}

Describe 'Invoke-CudaWasmKernel' {
    It 'runs a kernel and leaves the result in the caller''s array' {
        [float[]] $x = 0..999
        [float[]] $y = , 1 * 1000
        $run = Invoke-CudaWasmKernel $saxpy -Kernel saxpy -Grid 4 -Block 256 -ArgumentList 2.0, $x, $y, 1000
        $y[0, 1, 999] | Should -Be 1, 3, 1999
        $x[999] | Should -Be 999
        $run.Kernel | Should -Be 'saxpy'
        $run.Device | Should -Be (Get-CudaWasmDevice)[0].Name
        $run.LaunchMilliseconds | Should -BeGreaterThan 0
    }

    It 'takes one typed array as one argument' {
        [double[]] $x = 2, 4, 6
        $null = Invoke-CudaWasmKernel $saxpy -Kernel halve -Grid 1 -Block 3 -ArgumentList $x
        $x | Should -Be 1, 2, 3
    }

    It 'takes int, byte and two-dimensional arrays' {
        $source = New-Source '__global__ void grid(int *a, unsigned char *b) { int i = threadIdx.y * 3 + threadIdx.x; a[i] = i * 10; b[i] += 1; }'
        $a = [int[, ]]::new(2, 3)
        $b = [byte[]]::new(6)
        $null = Invoke-CudaWasmKernel $source -Grid 1 -Block 3, 2 -ArgumentList $a, $b
        $a[1, 2] | Should -Be 50
        $b | Should -Be 1, 1, 1, 1, 1, 1
    }

    It 'takes textures as arrays or tables and gives surfaces back' {
        $source = New-Source '__global__ void mix(cudaTextureObject_t a, cudaTextureObject_t b, cudaSurfaceObject_t s) { surf1Dwrite(tex2D<float>(a, 1, 1) + tex1D<uchar4>(b, 1).z, s, 4); }'
        $a = [float[, ]]::new(2, 2)
        $a[1, 1] = 2.5
        [byte[]] $pixels = 0..7
        $s = [float[]]::new(2)
        $null = Invoke-CudaWasmKernel $source -Grid 1 -Block 1 -ArgumentList $a, @{ Data = $pixels; Format = 'uchar4'; Address = 'Wrap', 'Clamp' }, $s
        $s | Should -Be 0, 8.5
    }

    It 'passes shared memory, macros and include paths on' {
        $null = New-Item "$TestDrive/include" -ItemType Directory -Force
        Set-Content "$TestDrive/include/scale.cuh" '__device__ inline int scale(int v) { return v * FACTOR; }'
        $source = New-Source @'
#include "scale.cuh"
__global__ void reverse(int *a)
{
    extern __shared__ int tile[];
    tile[threadIdx.x] = scale(a[threadIdx.x]);
    __syncthreads();
    a[threadIdx.x] = tile[blockDim.x - 1 - threadIdx.x];
}
'@
        foreach ($define in @{ FACTOR = 3 }, 'FACTOR=3') {
            [int[]] $a = 1, 2, 3, 4
            $null = Invoke-CudaWasmKernel $source -Grid 1 -Block 4 -SharedBytes 16 -Define $define -IncludePath $TestDrive/include -ArgumentList $a
            $a | Should -Be 12, 9, 6, 3 -Because 'a one-element list keeps the array whole'
        }
    }

    It 'runs an instance of a template' {
        $source = New-Source 'template <typename T> __global__ void twice(T *a) { a[threadIdx.x] += a[threadIdx.x]; }'
        [float[]] $a = 1, 2
        (Invoke-CudaWasmKernel $source -Kernel 'twice<float>' -Grid 1 -Block 2 -ArgumentList $a).Kernel | Should -Be 'twice<float>'
        $a | Should -Be 2, 4
    }

    It 'shows what the kernel prints, in the order of the blocks' {
        $source = New-Source '__global__ void hello() { printf("block %d\n", blockIdx.x); }'
        $lines = Invoke-CudaWasmKernel $source -Grid 3 -Block 1 6>&1
        "$($lines[0..2])" | Should -Be 'block 0 block 1 block 2'
        $lines[3].Printed | Should -Be "block 0`nblock 1`nblock 2`n"
    }

    It 'runs nothing under -WhatIf' {
        [double[]] $x = 2, 4
        Invoke-CudaWasmKernel $saxpy -Kernel halve -Grid 1 -Block 2 -ArgumentList $x -WhatIf | Should -BeNullOrEmpty
        $x | Should -Be 2, 4
    }

    It 'finds the file from the location of the session' {
        Push-Location $TestDrive
        try {
            [double[]] $x = 2, 4
            $null = Invoke-CudaWasmKernel ./saxpy.cu -Kernel halve -Grid 1 -Block 2 -ArgumentList $x
            $x | Should -Be 1, 2
        }
        finally {
            Pop-Location
        }
    }

    It 'runs launch files from the pipeline' {
        [IO.File]::WriteAllBytes("$TestDrive/x.bin", [byte[]] ([BitConverter]::GetBytes(4.0) + [BitConverter]::GetBytes(10.0)))
        Set-Content "$TestDrive/halve.json" '{ "source": "saxpy.cu", "kernel": "halve", "grid": [1], "block": [2],
            "arguments": [ { "buffer": "double", "count": 2, "input": "x.bin", "output": "y.bin" } ] }'
        $run = Get-Item "$TestDrive/halve.json" | Invoke-CudaWasmKernel
        $run.Kernel | Should -Be 'halve'
        $run.OutputFiles | Should -Be (Convert-Path "$TestDrive/y.bin")
        [BitConverter]::ToDouble([IO.File]::ReadAllBytes("$TestDrive/y.bin"), 8) | Should -Be 5
    }

    It 'completes the kernels of the file and the devices' {
        $line = "Invoke-CudaWasmKernel -Path '$saxpy' -Kernel "
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'halve', 'saxpy'
        $line = 'Invoke-CudaWasmKernel -Device '
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain 'cpu'
    }
}

Describe 'What is wrong with a kernel' {
    It 'is shown at its source line' {
        $source = New-Source "__global__ void bad(int *a)`r`n{`r`n    a[0] = undefined_name + 1;`r`n    a[1] = other_name;`r`n}`r`n"
        Invoke-CudaWasmKernel $source -Grid 1 -Block 1 -ArgumentList ([int[]] (1, 2)) -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors.Count | Should -Be 2
        $errors[0].FullyQualifiedErrorId | Should -Match '^CW\d{4},CudaWasmNutanix.Commands.InvokeCudaWasmKernelCommand$'
        $errors[0].CategoryInfo.Category | Should -Be 'ParserError'
        $errors.FullyQualifiedErrorId | Should -BeLike 'CW2001,*' -Because 'each error is a record of its own'
        $errors[0].TargetObject.File | Should -Be $source
        $errors[0].TargetObject.Column | Should -Be 12
        $errors[0].TargetObject.PositionMessage | Should -Be "At ${source}:3 char:12`n+     a[0] = undefined_name + 1;`n+            ~~~~~~~~~~~~~~"
        $errors.TargetObject.Line | Should -Be 3, 4
        $errors[0].TargetObject.LineText | Should -Be 'a[0] = undefined_name + 1;'
        $errors[0].TargetObject.LineText.Substring($errors[0].TargetObject.StartColumn - 1) | Should -BeLike 'undefined_name*'
        # As the prompt shows it.
        $shown = ($errors[0] | Out-String) -replace '\e\[[0-9;]*m'
        $shown | Should -Match '3 \| +a\[0\] = undefined_name \+ 1;'
        $shown | Should -Match ([regex]::Escape($source))
    }

    It 'is told with the notes that explain it' {
        $source = New-Source "__device__ int area(int w, int h) { return w * h; }`n__global__ void k(int *a) { a[0] = area(1); }`n"
        Invoke-CudaWasmKernel $source -Grid 1 -Block 1 -ArgumentList ([int[]] (1, 2)) -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors.Count | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'CW2004,*'
        "$($errors[0])" | Should -Match ([regex]::Escape("(${source}(1,16): note: 'area(int, int)' takes 2 arguments, not 1)"))
    }

    It 'stops at an access out of bounds, and the arrays keep what they held' {
        $source = New-Source "__global__ void stray(float *data)`n{`n    data[threadIdx.x] = 7;`n}`n"
        [float[]] $data = 1, 2, 3
        Invoke-CudaWasmKernel $source -Grid 1 -Block 4 -ArgumentList $data -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors.Count | Should -Be 1
        $errors[0].CategoryInfo.Category | Should -Be 'InvalidOperation'
        $errors[0].Exception.Message | Should -Match 'stray'
        $errors[0].TargetObject.Line | Should -Be 3
        $errors[0].TargetObject.Kernel | Should -Be 'stray'
        $errors[0].TargetObject.Buffer | Should -Be 'data'
        $errors[0].TargetObject.Index | Should -Be 3
        "$($errors[0].TargetObject.ThreadIdx)" | Should -Be '(3,0,0)'
        $data | Should -Be 1, 2, 3
    }

    It 'writes into the arrays themselves with -InPlace, and what was written stays' {
        $source = New-Source "__global__ void twice(const int *in, bool *odd, int *out, int n) { int i = threadIdx.x; out[i] = 2 * in[i]; odd[i] = in[i] & 1; }"
        [int[]] $in = 1, 2, 3, 4
        [int[]] $out = 0, 0, 0
        [bool[]] $odd = $false, $false, $false, $false
        $null = Invoke-CudaWasmKernel $source -Grid 1 -Block 3 -ArgumentList $in, $odd, $out, 3 -InPlace
        $out | Should -Be 2, 4, 6
        $odd | Should -Be $true, $false, $true, $false
        $stray = New-Source "__global__ void stray(int *data) { for (int i = 0; ; i++) data[i] = 7; }" stray.cu
        Invoke-CudaWasmKernel $stray -Grid 1 -Block 1 -ArgumentList $out -InPlace -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].TargetObject.Index | Should -Be 3
        $out | Should -Be 7, 7, 7
    }

    It 'stops at <What>' -ForEach @(
        @{ What = 'a division by zero'; Body = 'a[0] = 1 / a[0];' }
        @{ What = 'a barrier in divergent code'; Body = 'if (threadIdx.x == a[0]) __syncthreads();' }
    ) {
        $source = New-Source "__global__ void wrong(int *a) { $Body }"
        Invoke-CudaWasmKernel $source -Grid 1 -Block 2 -ArgumentList ([int[]]::new(2)) -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors.Count | Should -BeGreaterThan 0
        $errors[0].FullyQualifiedErrorId | Should -Match '^CW\d{4},'
        $errors[0].TargetObject.Line | Should -Be 1
    }

    It 'stops a recursion without end' {
        $source = New-Source '__device__ int deeper(int n) { return n == -1 ? 0 : 1 + deeper(n + 1); } __global__ void recurse(int *a) { a[0] = deeper(a[0]); }'
        Invoke-CudaWasmKernel $source -Grid 1 -Block 1 -ArgumentList ([int[]]::new(1)) -TimeoutSeconds 20 -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].FullyQualifiedErrorId | Should -Match '^CW\d{4},'
    }

    It 'stops a loop without end after -TimeoutSeconds' {
        $source = New-Source '__global__ void spin(volatile int *a) { while (a[0] == 0) { } }'
        Invoke-CudaWasmKernel $source -Grid 1 -Block 1 -ArgumentList ([int[]]::new(1)) -TimeoutSeconds 0.3 -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].CategoryInfo.Category | Should -Be 'OperationTimeout'
        $errors[0].Exception.Message | Should -Match 'spin'
    }

    It 'stops a loop without end on Ctrl+C, within a second' {
        $source = New-Source '__global__ void spin(volatile int *a) { while (a[0] == 0) { } }' spin.cu
        $stopped = Invoke-ThenStop {
            param($source)
            'started'
            Invoke-CudaWasmKernel $source -Grid 1 -Block 1 -ArgumentList ([int[]]::new(1))
        } $source { param($output) if ($output.Count -gt 0) { Start-Sleep 1; $true } }
        $stopped.State | Should -Be 'Stopped'
        $stopped.Seconds | Should -BeLessThan 1
    }

    It 'says which argument is wrong: <What>' -ForEach @(
        @{ What = 'too few'; Arguments = @(, 2.0); Words = 'takes 4 arguments' }
        @{ What = 'a type'; Arguments = @(2.0, [double[]]::new(2), [float[]]::new(2), 2); Words = 'x \(const float' }
        @{ What = 'a text'; Arguments = @('two', [float[]]::new(2), [float[]]::new(2), 2); Words = 'a \(float\)' }
        @{ What = 'a number out of range'; Arguments = @(2.0, [float[]]::new(2), [float[]]::new(2), 5e9); Words = 'n \(int\)' }
    ) {
        Invoke-CudaWasmKernel $saxpy -Kernel saxpy -Grid 1 -Block 2 -ArgumentList $Arguments -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
        $errors[0].Exception.Message | Should -Match $Words
    }

    It 'says what is wrong with a file that is <What>' -ForEach @(
        @{ What = 'empty'; Content = [byte[]]::new(0) }
        @{ What = 'binary'; Content = [byte[]] (0..255) }
        @{ What = 'cut off in the middle'; Content = [Text.Encoding]::UTF8.GetBytes('__global__ void cut(int *a) { if (a[0] > ') }
        @{ What = 'larger than any source'; Content = [Text.Encoding]::UTF8.GetBytes(('// padding' + [char] 10) * 1MB) }
    ) {
        $file = Join-Path $TestDrive 'broken.cu'
        [IO.File]::WriteAllBytes($file, $Content)
        Invoke-CudaWasmKernel $file -Grid 1 -Block 1 -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors.Count | Should -BeGreaterThan 0
        $errors[0].FullyQualifiedErrorId | Should -Match '^CW\d{4},'
    }

    It 'says which file, kernel, device or size there is not' {
        Invoke-CudaWasmKernel $TestDrive/none.cu -Grid 1 -Block 1 -ErrorVariable file -ErrorAction SilentlyContinue
        $file[0].Exception.Message | Should -Match 'none\.cu'
        Invoke-CudaWasmKernel $saxpy -Kernel sxapy -Grid 1 -Block 1 -ErrorVariable kernel -ErrorAction SilentlyContinue
        $kernel[0].Exception.Message | Should -Match 'saxpy'
        Invoke-CudaWasmKernel $saxpy -Grid 1 -Block 1 -ErrorVariable several -ErrorAction SilentlyContinue
        $several[0].Exception.Message | Should -Match '-Kernel: .*halve'
        Invoke-CudaWasmKernel $saxpy -Kernel halve -Grid 1 -Block 2 -Device abacus -ArgumentList ([double[]] (1, 2)) -ErrorVariable device -ErrorAction SilentlyContinue
        $device[0].Exception.Message | Should -Match 'abacus'
        Invoke-CudaWasmKernel $saxpy -Kernel halve -Grid 0 -Block 2 -ArgumentList ([double[]] (1, 2)) -ErrorVariable size -ErrorAction SilentlyContinue
        $size[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
    }
}

Describe 'Get-CudaWasmDevice' {
    It 'lists the CPU' {
        $device = Get-CudaWasmDevice cpu
        $device.ComputeUnits | Should -Be ([Environment]::ProcessorCount)
        $device.MemoryBytes | Should -BeGreaterThan 0
        (Get-CudaWasmDevice c*).Name | Should -Contain 'cpu'
    }

    It 'says which device there is not' {
        Get-CudaWasmDevice abacus -ErrorVariable missing -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $missing[0].FullyQualifiedErrorId | Should -Be 'DeviceNotFound,CudaWasmNutanix.Commands.GetCudaWasmDeviceCommand'
    }
}
