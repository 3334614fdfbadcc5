BeforeDiscovery {
    $program = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'src', 'CudaWasm.Host', 'bin')
    $hasWorker = [bool] (Get-ChildItem $program -Recurse -Filter cuda-wasm.dll -ErrorAction Ignore)
    if (-not $hasWorker) {
        Write-Warning 'The tests of workers were skipped: the program cuda-wasm is not built (dotnet build src/CudaWasm.Host).'
    }
}

Describe 'Kernels on a worker' -Skip:(-not $hasWorker) {
    BeforeAll {
        . $PSScriptRoot/Common.ps1

        # The newest build, as a process of its own on a free port.
        $program = Get-ChildItem ([IO.Path]::Combine($root, 'src', 'CudaWasm.Host', 'bin')) -Recurse -Filter cuda-wasm.dll |
            Where-Object DirectoryName -NotMatch 'publish' | Sort-Object LastWriteTime | Select-Object -Last 1
        Set-Content "$TestDrive/keys" "tester:0123456789abcdefghij"
        $start = [Diagnostics.ProcessStartInfo]::new('dotnet')
        $program.FullName, 'serve', '--urls', 'http://127.0.0.1:0', '--cache', "$TestDrive/cache", '--api-keys', "$TestDrive/keys" | ForEach-Object { $start.ArgumentList.Add($_) }
        $start.RedirectStandardOutput = $true
        $worker = [Diagnostics.Process]::Start($start)
        $endpoint = ($worker.StandardOutput.ReadLine() | ConvertFrom-Json).urls[0]
        $at = @{ Endpoint = $endpoint; ApiKey = ConvertTo-SecureString '0123456789abcdefghij' -AsPlainText -Force }

        function New-Source([string] $Name, [string] $Text) {
            $file = Join-Path $TestDrive $Name
            $null = New-Item (Split-Path $file) -ItemType Directory -Force
            [IO.File]::WriteAllText($file, $Text)
            $file
        }

        $saxpy = New-Source saxpy.cu @'
__global__ void saxpy(float a, const float *x, float *y, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
    if (i == 0) printf("n is %d\n", n);
}
'@
    }

    AfterAll {
        if ($worker) {
            $worker.Kill()
            $worker.Dispose()
        }
    }

    It 'runs a kernel as it runs here, into the caller''s array' {
        [float[]] $x = 0..999
        [float[]] $here = , 1 * 1000
        [float[]] $there = , 1 * 1000
        $local = Invoke-CudaWasmKernel $saxpy -Grid 4 -Block 256 -ArgumentList 2.0, $x, $here, 1000 -InformationAction SilentlyContinue
        $remote = Invoke-CudaWasmKernel $saxpy -Grid 4 -Block 256 -ArgumentList 2.0, $x, $there, 1000 @at -InformationAction SilentlyContinue
        $there | Should -Be $here
        $remote.GetType() | Should -Be $local.GetType()
        $remote.Kernel, $remote.Path, $remote.Printed | Should -Be $local.Kernel, $local.Path, $local.Printed
        $remote.Device | Should -BeLike 'cpu at 127.0.0.1:*'
    }

    It 'takes headers and macros along' {
        $null = New-Source 'more/inc/twice.cuh' '#define TWICE(x) (2 * (x))'
        $null = New-Source 'more/near.cuh' '#define NEAR 100'
        $source = New-Source 'more/k.cu' "#include `"near.cuh`"`n#include <twice.cuh>`ntemplate <typename T> __global__ void k(T *x) { x[0] = TWICE(x[0]) + NEAR + STEP; }"
        [double[]] $x = , 4
        $null = Invoke-CudaWasmKernel $source -Kernel 'k<double>' -IncludePath $TestDrive/more/inc -Define @{ STEP = 1000 } -Grid 1 -Block 1 -ArgumentList (, $x) @at
        $x | Should -Be 1108
    }

    It 'runs a launch file, with inputs and outputs here' {
        $null = New-Source 'file/scale.cu' '__constant__ float by; __global__ void scale(const float *x, float *y) { y[threadIdx.x] = by * x[threadIdx.x]; }'
        [IO.File]::WriteAllBytes("$TestDrive/file/x.bin", [byte[]] (1..4 | ForEach-Object { [BitConverter]::GetBytes([float] $_) }))
        [IO.File]::WriteAllBytes("$TestDrive/file/by.bin", [BitConverter]::GetBytes([float] 2.5))
        $launch = New-Source 'file/scale.json' '{ "source": "scale.cu", "kernel": "scale", "grid": [1], "block": [4], "arguments": [ { "buffer": "float", "input": "x.bin" }, { "buffer": "float", "count": 4, "output": "y.npy" } ], "symbols": { "by": { "input": "by.bin" } } }'
        $run = Invoke-CudaWasmKernel -LaunchFile $launch @at
        $run.OutputFiles | Should -Be (Convert-Path "$TestDrive/file/y.npy")
        $bytes = [IO.File]::ReadAllBytes($run.OutputFiles[0])
        0..3 | ForEach-Object { [BitConverter]::ToSingle($bytes, $bytes.Length - 16 + 4 * $_) } | Should -Be 2.5, 5, 7.5, 10
    }

    It 'tells of a fault at its line' {
        $stray = New-Source stray.cu "__global__ void stray(int *x) {`n    x[5] = 1;`n}"
        Invoke-CudaWasmKernel $stray -Grid 1 -Block 1 -ArgumentList (, [int[]]::new(2)) @at -ErrorVariable fault -ErrorAction SilentlyContinue
        $fault[0].FullyQualifiedErrorId | Should -BeLike 'CW4010,*'
        $fault[0].TargetObject.Line | Should -Be 2
        $fault[0].TargetObject.File | Should -Be $stray
    }

    It 'publishes, lists and removes' {
        $published = Get-Item $saxpy | Publish-CudaWasmKernel @at
        $published.Name | Should -Be saxpy
        "$($published.Kernels[0])" | Should -Be 'saxpy(float a, const float * x, float * y, int n)'
        $null = Publish-CudaWasmKernel $saxpy other.name @at
        (Get-CudaWasmPublishedKernel @at).Name | Should -Be other.name, saxpy
        (Get-CudaWasmPublishedKernel s* @at).Version | Should -Be $published.Version
        [float[]] $y = 1, 2
        $null = Invoke-CudaWasmKernel saxpy -Grid 1 -Block 2 -ArgumentList 2.0, ([float[]] (3, 4)), $y, 2 @at -InformationAction SilentlyContinue
        $y | Should -Be 7, 10
        Get-CudaWasmPublishedKernel other* @at | Remove-CudaWasmPublishedKernel -ApiKey $at.ApiKey
        (Get-CudaWasmPublishedKernel @at).Name | Should -Be saxpy
        Get-CudaWasmPublishedKernel none @at -ErrorVariable missing -ErrorAction SilentlyContinue
        $missing[0].FullyQualifiedErrorId | Should -BeLike 'PublishedKernelNotFound,*'
    }

    It 'publishes compiled kernels, and tells of files that are none of its version' {
        $source = New-Source twice.cu '__global__ void twice(float *x) { x[threadIdx.x] *= 2; }'
        $compiled = "$TestDrive/twice.cukernel"
        $null = dotnet $program.FullName compile $source --target portable -o $compiled
        (Publish-CudaWasmKernel $compiled @at).Form | Should -Be compiled
        [float[]] $x = 1, 2
        $null = Invoke-CudaWasmKernel twice -Grid 1 -Block 2 -ArgumentList (, $x) @at -InformationAction SilentlyContinue
        $x | Should -Be 2, 4
        Publish-CudaWasmKernel $compiled -Define @{ N = 1 } @at -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0] | Should -BeLike '*is compiled already*'
        $bytes = [IO.File]::ReadAllBytes($compiled)
        $bytes[9] = $bytes[9] -bxor 255
        [IO.File]::WriteAllBytes($compiled, $bytes)
        Publish-CudaWasmKernel $compiled @at -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0] | Should -BeLike '*was made by cuda-wasm*'
        Remove-CudaWasmPublishedKernel twice @at
    }

    It 'changes nothing under -WhatIf' {
        Publish-CudaWasmKernel $saxpy never @at -WhatIf | Should -BeNullOrEmpty
        (Get-CudaWasmPublishedKernel @at).Name | Should -Not -Contain never
    }

    It 'shows the errors of a source here, before it is sent' {
        $wrong = New-Source wrong.cu '__global__ void wrong() { undeclared(); }'
        Publish-CudaWasmKernel $wrong @at -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].CategoryInfo.Category | Should -Be ParserError
        $errors[0].TargetObject.File | Should -Be $wrong
    }

    It 'says what is wrong with the address or the key' {
        Get-CudaWasmPublishedKernel -Endpoint http://127.0.0.1:1 -ErrorVariable unreachable -ErrorAction SilentlyContinue
        $unreachable[0].FullyQualifiedErrorId | Should -BeLike 'WorkerUnreachable,*'
        Get-CudaWasmPublishedKernel -Endpoint $endpoint -ErrorVariable key -ErrorAction SilentlyContinue
        $key[0].CategoryInfo.Category | Should -Be AuthenticationError
        { Invoke-CudaWasmKernel $saxpy -Grid 1 -Block 1 -Device cpu @at } | Should -Throw '*-Device is not for workers*'
        { Invoke-CudaWasmKernel $saxpy -Grid 1 -Block 1 -SkipCertificateCheck } | Should -Throw '*-SkipCertificateCheck is for -Endpoint*'
    }
}
