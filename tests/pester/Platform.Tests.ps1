BeforeAll {
    . $PSScriptRoot/Common.ps1
    $simulator = Start-TestSimulator @{ GpuModel = 'A40'; Vms = 2 }
    $session = $simulator | Connect-NtnxPrismCentral
    $key = ConvertTo-SecureString 'key-0123456789abcdef' -AsPlainText -Force
    $usual = @{ Image = 'ubuntu-24'; Subnet = 'vm-network'; WorkerUrl = 'https://files.example/cuda-wasm'; WorkerSha256 = 'ab' * 32; ApiKey = $key; NoWait = $true }
}

AfterAll {
    $session | Disconnect-NtnxPrismCentral
    $simulator | Stop-NtnxPrismSimulator
}

Describe 'Workers on Nutanix machines' {
    It 'are made, listed and removed, and other machines are let alone' {
        $others = (Get-NtnxGpuVm).Name
        $worker = New-CudaWasmWorker w1 @usual -Port 9000
        $worker.Platform | Should -Be Nutanix
        $worker.State | Should -Be Starting
        $worker.GpuCount | Should -Be 1
        $worker.Endpoint.Port | Should -Be 9000
        $vm = Get-NtnxGpuVm w1
        $vm.PowerState | Should -Be ON
        $vm.Description | Should -Be 'cuda-wasm worker on port 9000'

        (Get-CudaWasmWorker w*).Id | Should -Be $vm.ExtId
        (TabExpansion2 'Get-CudaWasmWorker w' 20).CompletionMatches.CompletionText | Should -Be w1

        Get-CudaWasmWorker w1 | Remove-CudaWasmWorker -Confirm:$false
        Get-CudaWasmWorker | Should -BeNullOrEmpty
        (Get-NtnxGpuVm).Name | Should -Be $others
    }

    It 'are only told of under -WhatIf' {
        New-CudaWasmWorker w2 @usual -WhatIf | Should -BeNullOrEmpty
        Get-NtnxGpuVm w2 -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
    }

    It 'are not what any machine is' {
        $name = (Get-NtnxGpuVm)[0].Name
        Remove-CudaWasmWorker $name -Confirm:$false -ErrorVariable wrong -ErrorAction SilentlyContinue
        $wrong[0].FullyQualifiedErrorId | Should -BeLike 'WorkerNotFound,*'
        Get-NtnxGpuVm $name | Should -Not -BeNullOrEmpty
    }

    It 'are not made when a kernel does not compile' {
        $source = Join-Path $TestDrive bad.cu
        Set-Content $source '__global__ void k(int *x) { x[0] = nothing; }'
        $arguments = $usual.Clone()
        $arguments.Remove('NoWait')
        New-CudaWasmWorker w3 @arguments -SourcePath $source -ErrorVariable wrong -ErrorAction SilentlyContinue
        $wrong | Should -Not -BeNullOrEmpty
        Get-NtnxGpuVm w3 -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
    }
}

Describe 'Workers on Kubernetes' -Skip:(-not (Get-Command kubectl -ErrorAction Ignore)) {
    BeforeAll {
        $config = Join-Path $TestDrive config
        Set-Content $config "apiVersion: v1`nkind: Config`nclusters: [{ name: c, cluster: { server: 'http://127.0.0.1:1' } }]`ncontexts: [{ name: lab, context: { cluster: c } }]"
    }

    It 'are only told of under -WhatIf' {
        New-CudaWasmWorker infer -Context lab -Kubeconfig $config -Image registry.example/cuda-wasm:1.0 -WhatIf | Should -BeNullOrEmpty
    }

    It 'need a cluster that answers, and its client says what is wrong' {
        Get-CudaWasmWorker -Context lab -Kubeconfig $config -ErrorVariable wrong -ErrorAction SilentlyContinue
        $wrong[0].FullyQualifiedErrorId | Should -BeLike 'PlatformError,*'
        $wrong[0] | Should -Match '127.0.0.1:1'
        { Get-CudaWasmWorker -Context elsewhere -Kubeconfig $config -ErrorAction Stop } | Should -Throw '*elsewhere*'
    }

    It 'are not those of a Prism Central' {
        { Get-CudaWasmWorker -Context lab -Session $session } | Should -Throw '*give one of them*'
    }
}
