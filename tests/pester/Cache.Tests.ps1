BeforeAll {
    . $PSScriptRoot/Common.ps1

    [IO.File]::WriteAllText("$TestDrive/fill.cu", '__global__ void fill(int *x, int value) { x[threadIdx.x] = value; }')
    $env:CUDA_WASM_CACHE = "$TestDrive/cache"
}

AfterAll {
    $env:CUDA_WASM_CACHE = 'off'
}

Describe 'The cache of compiled kernels' {
    It 'keeps a kernel, and says so' {
        [int[]] $x = 0, 0
        $said = foreach ($value in 3, 4) { Invoke-CudaWasmKernel $TestDrive/fill.cu -Grid 1 -Block 2 -ArgumentList $x, $value -Verbose 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] } }
        $said.Message -match 'cache:' -replace '^.*(?=cache:)' | Should -Be 'cache: miss', 'cache: hit'
        $x | Should -Be 4, 4
        (Get-CudaWasmCache).Entries | Should -Be 1
        (Get-CudaWasmCache).Path | Should -Be (Convert-Path $TestDrive/cache/compiled)
    }

    It 'is there for the next session' {
        $line = "Import-Module '$modulePath'; [int[]] `$x = 0; Invoke-CudaWasmKernel '$TestDrive/fill.cu' -Grid 1 -Block 1 -ArgumentList `$x, 5 -Verbose 4>&1 | Out-String; `$x[0]"
        $said = pwsh -NoProfile -NonInteractive -Command $line
        "$said" | Should -Match 'cache: hit'
        $said[-1] | Should -Be 5
    }

    It 'notices a change of the source' {
        [IO.File]::WriteAllText("$TestDrive/fill.cu", '__global__ void fill(int *x, int value) { x[threadIdx.x] = -value; }')
        [int[]] $x = 0, 0
        $null = Invoke-CudaWasmKernel $TestDrive/fill.cu -Grid 1 -Block 2 -ArgumentList $x, 6
        $x | Should -Be -6, -6
    }

    It 'can be emptied' {
        Clear-CudaWasmCache -WhatIf
        (Get-CudaWasmCache).Entries | Should -BeGreaterThan 0
        Clear-CudaWasmCache
        (Get-CudaWasmCache).Entries | Should -Be 0
    }

    It 'can be switched off' {
        $env:CUDA_WASM_CACHE = 'off'
        try {
            Get-CudaWasmCache -WarningVariable warned -WarningAction SilentlyContinue | Should -BeNullOrEmpty
            $warned | Should -Match 'CUDA_WASM_CACHE'
        }
        finally {
            $env:CUDA_WASM_CACHE = "$TestDrive/cache"
        }
    }
}
