Describe 'New-CudaWasmNkeManifest' {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
    }

    It 'writes one YAML text for kubectl' {
        $yaml = New-CudaWasmNkeManifest -Name infer -Image registry.local/cuda-wasm:1.0 -GpuVendor Amd -GpuCount 2
        $yaml | Should -BeOfType string
        $yaml | Should -Match '(?m)^kind: Deployment$'
        $yaml | Should -Match 'amd.com/gpu: "2"'
    }

    It 'takes the vendor from the resource' {
        New-CudaWasmNkeManifest -Name infer -Image r/i:1 -GpuResource amd.com/gpu | Should -Match 'amd.com/gpu: "1"'
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
        Get-Content $file -Raw | Should -Be (New-CudaWasmNkeManifest -Name infer -Image r/i:1)
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
        $yaml = New-CudaWasmNkeManifest -Name infer -Image r/i:1 -FilePath $TestDrive/saxpy.cu -Environment @{ LEVEL = 3 } -Label @{ team = 'on' }
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
