Describe 'New-CudaWasmNkeManifest' {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
    }

    It 'writes one YAML text for kubectl' {
        $yaml = New-CudaWasmNkeManifest -Name infer -Image registry.local/cuda-wasm:1.0 -GpuVendor Amd -GpuCount 2 -AsYaml
        $yaml | Should -BeOfType string
        $yaml | Should -HaveCount 1
        $yaml | Should -Match '(?m)^kind: Deployment$'
        $yaml | Should -Match 'amd.com/gpu: "2"'
    }

    It 'writes an object for each document, which commands look at and kubectl reads' {
        $objects = New-CudaWasmNkeManifest -Name infer -Image r/i:1 -Environment @{ LONG = 'x y ' * 200 }
        $objects.Kind | Should -Be Namespace, ServiceAccount, ConfigMap, PersistentVolumeClaim, Deployment, Service, HorizontalPodAutoscaler, PodDisruptionBudget, NetworkPolicy
        $service = $objects | Where-Object Kind -EQ Service
        $service.Name | Should -Be infer
        $service.Namespace | Should -Be cuda-wasm
        $service.Object.Spec.Ports[0].Port | Should -Be 8080
        $echo = $objects | & ([Environment]::ProcessPath) -NoProfile -NonInteractive -Command '$input | ForEach-Object { $_ }'
        ($echo -join "`n").Trim() | Should -Be ((New-CudaWasmNkeManifest -Name infer -Image r/i:1 -Environment @{ LONG = 'x y ' * 200 } -AsYaml) -replace '\n---', "`n`n---").Trim()
    }

    It 'splits a launch file over the pods of a job' {
        Set-Content "$TestDrive/scale.cu" '__global__ void scale(float* x) { x[blockIdx.x] *= 2; }'
        [IO.File]::WriteAllBytes("$TestDrive/x.bin", [byte[]]::new(64))
        Set-Content "$TestDrive/scale.json" '{ "source": "scale.cu", "kernel": "scale", "grid": [16], "block": [1], "arguments": [ { "buffer": "float", "input": "x.bin", "output": "y.bin" } ] }'
        $job = New-CudaWasmNkeManifest -Name sweep -Image r/i:1 -Kind Job -LaunchFile $TestDrive/scale.json -Completions 4 -Replicas 2
        $spec = ($job | Where-Object Kind -EQ Job).Object.Spec
        $spec.Completions | Should -Be 4
        $spec.Parallelism | Should -Be 2
        $spec.Template.Spec.Containers[0].Args | Should -Contain '$(JOB_COMPLETION_INDEX)/4'
        $files = ($job | Where-Object Name -EQ sweep-files).Object
        $files.Data.Keys | Should -Be scale.json, scale.cu
        $files.BinaryData['x.bin'] | Should -Be ([Convert]::ToBase64String([byte[]]::new(64)))
    }

    It 'wants the files of a launch file in its folder' {
        $null = New-Item $TestDrive/elsewhere -ItemType Directory -Force
        Set-Content "$TestDrive/elsewhere/k.cu" '__global__ void k() {}'
        Set-Content "$TestDrive/far.json" '{ "source": "elsewhere/k.cu", "kernel": "k", "grid": [1], "block": [1], "arguments": [] }'
        New-CudaWasmNkeManifest -Name sweep -Image r/i:1 -Kind Job -LaunchFile $TestDrive/far.json -ErrorVariable far -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $far[0].Exception.Message | Should -BeLike '*$.source*lies in another folder*'
    }

    It 'has a profile for small sites, which parameters go before' {
        $edge = New-CudaWasmNkeManifest -Name edge -Image r/i:1 -Profile Edge -CacheSize 2Gi
        $claim = ($edge | Where-Object Kind -EQ PersistentVolumeClaim).Object.Spec
        $claim.StorageClassName | Should -Be local-path
        $claim.Resources.Requests['storage'] | Should -Be 2Gi
        $edge.Kind | Should -Not -Contain HorizontalPodAutoscaler
    }

    It 'asks for a MIG slice by its profile' {
        New-CudaWasmNkeManifest -Name infer -Image r/i:1 -MigProfile 1g.10gb -AsYaml | Should -Match 'nvidia.com/mig-1g.10gb: "1"'
        New-CudaWasmNkeManifest -Name infer -Image r/i:1 -MigProfile 1g.10gb -GpuResource amd.com/gpu -ErrorVariable two -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $two.Count | Should -Be 1
    }

    It 'writes a kustomize folder that kubectl builds' {
        $files = New-CudaWasmNkeManifest -Name infer -Image r/i:1 -Kind StatefulSet -ServiceMonitor -Path $TestDrive/base
        $files[-1].Name | Should -Be kustomization.yaml
        if (-not (Get-Command kubectl -ErrorAction Ignore)) {
            Set-ItResult -Skipped -Because 'kubectl is not on the PATH'
            return
        }
        (kubectl kustomize $TestDrive/base) -join "`n" | Should -Match 'kind: ServiceMonitor'
    }

    It 'takes the vendor from the resource' {
        New-CudaWasmNkeManifest -Name infer -Image r/i:1 -GpuResource amd.com/gpu -AsYaml | Should -Match 'amd.com/gpu: "1"'
    }

    It 'writes one file, relative to the location of the session' {
        Push-Location $TestDrive
        try {
            $file = New-CudaWasmNkeManifest -Name infer -Image r/i:1 -Path ./out/infer.yaml
        }
        finally {
            Pop-Location
        }
        $file | Should -BeOfType IO.FileInfo
        $file.FullName | Should -Be (Convert-Path "$TestDrive/out/infer.yaml")
        Get-Content $file -Raw | Should -Be (New-CudaWasmNkeManifest -Name infer -Image r/i:1 -AsYaml)
    }

    It 'writes numbered files into a folder' {
        $files = New-CudaWasmNkeManifest -Name train -Image r/i:1 -Kind Job -Replicas 4 -Directory $TestDrive/train
        $files[0].Name | Should -Match '^00-namespace'
        $files.Name | Where-Object { $_ -match 'job\.yaml$' } | Should -HaveCount 1
        $files | ForEach-Object { $_.FullName | Should -Exist }
    }

    It 'writes nothing under -WhatIf' {
        New-CudaWasmNkeManifest -Name infer -Image r/i:1 -Directory $TestDrive/none -WhatIf | Should -BeNullOrEmpty
        "$TestDrive/none" | Should -Not -Exist
    }

    It 'mounts files and sets variables, labels and annotations' {
        Set-Content "$TestDrive/saxpy.cu" '__global__ void saxpy() {}'
        $yaml = New-CudaWasmNkeManifest -Name infer -Image r/i:1 -FilePath $TestDrive/saxpy.cu -Environment @{ LEVEL = 3 } -Label @{ team = 'on' } -AsYaml
        $yaml | Should -Match 'saxpy.cu'
        $yaml | Should -Match 'LEVEL: "3"'
        $yaml | Should -Match 'team: "on"' -Because 'YAML 1.1 reads a bare on as true'
    }

    It 'refuses <What>, and names every fault' -ForEach @(
        @{ What = 'a name that is hostile to YAML'; Options = @{ Name = "a: b`n- c"; Image = 'r/i:1' } }
        @{ What = 'a hostile label'; Options = @{ Name = 'infer'; Image = 'r/i:1'; Label = @{ 'x y' = "a`nb: c" } } }
        @{ What = 'a resource of another vendor'; Options = @{ Name = 'infer'; Image = 'r/i:1'; GpuVendor = 'Amd'; GpuResource = 'nvidia.com/gpu' } }
    ) {
        New-CudaWasmNkeManifest @Options -ErrorVariable refused -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $refused.Count | Should -Be 1
        $refused[0].FullyQualifiedErrorId | Should -Be 'InvalidManifest,CudaWasmNutanix.Commands.NewCudaWasmNkeManifestCommand'
        $refused[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
        $refused[0].TargetObject | Should -Be $Options.Name
    }

    It 'says which file there is not' {
        New-CudaWasmNkeManifest -Name infer -Image r/i:1 -FilePath $TestDrive/none.cu -ErrorVariable missing -ErrorAction SilentlyContinue
        $missing[0].FullyQualifiedErrorId | Should -BeLike 'FileNotFound,*'
    }
}
