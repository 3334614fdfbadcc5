BeforeAll {
    . $PSScriptRoot/Common.ps1

    [IO.File]::WriteAllText("$TestDrive/scale.cu", @'
#include "factor.h"
template <typename T, int N> __global__ void scale(const T *x, T *y) { y[threadIdx.x] = x[threadIdx.x] * N * FACTOR; }
template <typename T> __global__ void unused(T *x) { x[0] = 1; }
__global__ void __launch_bounds__(128, 2) sum(const double *x, double *total, int n)
{
    __shared__ double part[32];
    extern __shared__ int extra[];
    part[threadIdx.x % 32] = threadIdx.x < n ? x[threadIdx.x] : 0;
    extra[0] = 1;
    __syncthreads();
    if (threadIdx.x == 0) atomicAdd(total, part[0]);
    printf("%d\n", __shfl_sync(0xffffffffu, n, 0));
}
void run(float *f, int blocks) { scale<float, 4><<<blocks, 32>>>(f, f); }
'@)
    $null = New-Item "$TestDrive/include" -ItemType Directory -Force
    [IO.File]::WriteAllText("$TestDrive/include/factor.h", "#ifndef FACTOR`n#define FACTOR 3`n#endif`n")
    [IO.File]::WriteAllText("$TestDrive/broken.cu", "__global__ void good(int *x) { x[0] = 1; }`n__global__ void bad(int *x)`n{`n    x[0] = nope;`n    x[1] = noop;`n}`n")
    $include = "$TestDrive/include"
}

Describe 'Get-CudaWasmKernel' {
    It 'lists kernels with what they need' {
        $kernels = Get-CudaWasmKernel $TestDrive/scale.cu -IncludePath $include
        $kernels.Name | Should -Be 'scale<float, 4>', 'unused<float>', 'sum'
        $kernels.IsAssumed | Should -Be $false, $true, $false
        $sum = $kernels[2]
        $sum.Signature | Should -Be 'sum(const double *x, double *total, int n)'
        $sum.Parameters.Direction | Should -Be 'In', 'InOut', 'In'
        $sum.StaticSharedBytes | Should -Be 256
        $sum.UsesDynamicShared | Should -BeTrue
        $sum.MaxThreadsPerBlock | Should -Be 128
        $sum.MinBlocksPerMultiprocessor | Should -Be 2
        $sum.Features.Feature | Should -Be 'StaticShared', 'DynamicShared', 'Barriers', 'WarpShuffle', 'FloatAtomics', 'Fp64', 'Printf'
        ($sum.Features | Where-Object Feature -eq FloatAtomics).Detail | Should -Be 'add f64'
        $sum.Line | Should -Be 4
    }

    It 'tells template arguments and the launches they come from' {
        $scale = Get-CudaWasmKernel $TestDrive/scale.cu -IncludePath $include -Name scale
        "$($scale.TemplateArguments)" | Should -Be 'typename T = float int N = 4'
        $scale.Launches.Count | Should -Be 1
        $scale.Launches[0].Line | Should -Be 14
        $scale.Launches[0].Grid, $scale.Launches[0].Block | Should -Be 'blocks', '32'
    }

    It 'makes an instance that is asked for' {
        $kernel = Get-CudaWasmKernel $TestDrive/scale.cu -IncludePath $include -Name 'scale<short, 2>'
        $kernel.Name | Should -Be 'scale<short, 2>'
        $kernel.Parameters.Type | Should -Be 'const short *', 'short *'
    }

    It 'says what each target makes of a kernel, and which targets this build does not have' {
        $targets = (Get-CudaWasmKernel $TestDrive/scale.cu -IncludePath $include -Name sum).Targets
        ($targets | Where-Object Target -eq cpu).Verdict | Should -Be 'Supported'
        $targets.Target | Should -Contain 'wgsl'
        $targets | Where-Object Verdict -eq NotInThisBuild | ForEach-Object Reason | Should -Match 'this build'
    }

    It 'takes wildcards and files from the pipeline' {
        (Get-CudaWasmKernel $TestDrive/*.cu -IncludePath $include -ErrorAction SilentlyContinue).Count | Should -Be 5
        (Get-ChildItem $TestDrive -Filter scale.cu | Get-CudaWasmKernel -IncludePath $include -Name s*).Name | Should -Be 'scale<float, 4>', 'sum'
        Push-Location $TestDrive
        try { (Get-CudaWasmKernel ./sc*.cu -IncludePath include -Name sum).Name | Should -Be 'sum' } finally { Pop-Location }
    }

    It 'passes macros on' {
        [IO.File]::WriteAllText("$TestDrive/sized.cu", '__global__ void sized(int *x) { __shared__ int tile[TILE]; tile[0] = 1; x[0] = tile[0]; }')
        (Get-CudaWasmKernel $TestDrive/sized.cu -Define TILE=64).StaticSharedBytes | Should -Be 256
    }

    It 'lists kernels with errors, and writes each error as a record at its line' {
        $kernels = Get-CudaWasmKernel $TestDrive/broken.cu -ErrorVariable errors -ErrorAction SilentlyContinue
        $kernels.Name | Should -Be 'good', 'bad'
        $kernels.Succeeded | Should -Be $true, $false
        ($kernels[1].Targets | Where-Object Target -eq cpu).Verdict | Should -Be 'NotCompiled'
        $errors.FullyQualifiedErrorId | Should -Be (, 'CW2001,CudaWasmNutanix.Commands.GetCudaWasmKernelCommand' * 2)
        $errors.TargetObject.Line | Should -Be 4, 5
    }

    It 'says which file or kernel there is not, and goes on with the next file' {
        $found = Get-CudaWasmKernel $TestDrive/none.cu, $TestDrive/scale.cu -IncludePath $include -Name sum, nothing -ErrorVariable errors -ErrorAction SilentlyContinue
        $found.Name | Should -Be 'sum'
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'CW0007,*'
        $errors[1].FullyQualifiedErrorId | Should -BeLike 'KernelNotFound,*'
    }

    It 'completes sources and their kernels' {
        Push-Location $TestDrive
        try {
            $line = "Get-CudaWasmKernel ./sc"
            (TabExpansion2 $line $line.Length).CompletionMatches.ListItemText | Should -Be 'scale.cu'
            $line = "Get-CudaWasmKernel -Path scale.cu -IncludePath include -Name s"
            (TabExpansion2 $line $line.Length).CompletionMatches.ListItemText | Should -Be 'scale<float, 4>', 'sum'
            $line = "Invoke-CudaWasmKernel -Path scale.cu -IncludePath include -Kernel su"
            (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'sum'
        }
        finally {
            Pop-Location
        }
    }

    It 'shows a table' {
        $shown = Get-CudaWasmKernel $TestDrive/scale.cu -IncludePath $include -Name sum | Out-String -Width 120
        $shown | Should -Match 'sum +const double \*x, double \*total.*256\+ +StaticShared'
    }
}
