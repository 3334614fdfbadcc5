Describe 'New-CudaWasmHelmChart' {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
        $helm = Get-Command helm -CommandType Application -ErrorAction Ignore
    }

    It 'writes a chart that helm renders to the objects of the manifest' {
        $files = New-CudaWasmHelmChart -Name infer -Image r/i:1 -GpuVendor Amd -GpuCount 2 -Kind StatefulSet -Environment @{ LEVEL = 'yes' } -Path $TestDrive/infer
        $files | Should -BeOfType IO.FileInfo
        $files[0].FullName | Should -Be (Join-Path (Convert-Path $TestDrive/infer) 'Chart.yaml')
        $files.Name | Should -Contain 'values.schema.json'
        $files | ForEach-Object { $_.FullName | Should -Exist }
        if (-not $helm) {
            Set-ItResult -Skipped -Because 'helm is not on the PATH'
            return
        }
        $rendered = (helm template infer $TestDrive/infer --namespace cuda-wasm --set namespace.create=true) -join "`n"
        $LASTEXITCODE | Should -Be 0
        $objects = New-CudaWasmNkeManifest -Name infer -Image r/i:1 -GpuVendor Amd -GpuCount 2 -Kind StatefulSet -Environment @{ LEVEL = 'yes' }
        [regex]::Matches($rendered, '(?m)^kind: (\S+)').ForEach({ $_.Groups[1].Value }) | Sort-Object | Should -Be ($objects.Kind | Sort-Object)
        $rendered | Should -Match 'amd.com/gpu": "2"'
        $rendered | Should -Match '"LEVEL": "yes"'
        $rendered | Test-CudaWasmManifest -Quiet | Should -BeTrue
    }

    It 'writes just the values' {
        $values = New-CudaWasmHelmChart -Name infer -Image r/i:1 -MigProfile 1g.10gb -ValuesOnly
        $values | Should -BeOfType string
        $values | Should -Match '(?m)^  resource: "?nvidia.com/mig-1g.10gb'
        $values | Should -Match '(?m)^  # Whose GPUs the pods get'
        $file = New-CudaWasmHelmChart -Name infer -Image r/i:1 -MigProfile 1g.10gb -ValuesOnly -Path $TestDrive/values/my.yaml
        Get-Content $file -Raw | Should -Be $values
        New-CudaWasmHelmChart -Name infer -Image r/i:1 -ValuesOnly -Path $TestDrive/values/my.yaml -ErrorVariable there -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $there[0].FullyQualifiedErrorId | Should -BeLike 'FileError,*'
        Get-Content $file -Raw | Should -Be $values
        $null = New-CudaWasmHelmChart -Name infer -Image r/i:2 -ValuesOnly -Path $TestDrive/values/my.yaml -Force
        Get-Content $file -Raw | Should -Match 'tag: "2"'
    }

    It 'keeps what is in the folder, unless -Force is given' {
        $null = New-Item $TestDrive/full -ItemType Directory
        Set-Content $TestDrive/full/values.yaml 'mine'
        New-CudaWasmHelmChart -Name infer -Image r/i:1 -Path $TestDrive/full -ErrorVariable full -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $full[0].FullyQualifiedErrorId | Should -Be 'FileError,CudaWasmNutanix.Commands.NewCudaWasmHelmChartCommand'
        $full[0].Exception.Message | Should -BeLike '*-Force*'
        Get-Content $TestDrive/full/values.yaml | Should -Be 'mine'
        New-CudaWasmHelmChart -Name infer -Image r/i:1 -Path $TestDrive/full -Force -ChartVersion 2.0.0 | Should -Not -BeNullOrEmpty
        Get-Content $TestDrive/full/Chart.yaml | Should -Contain 'version: "2.0.0"'
    }

    It 'writes nothing under -WhatIf' {
        New-CudaWasmHelmChart -Name infer -Image r/i:1 -Path $TestDrive/none -WhatIf | Should -BeNullOrEmpty
        "$TestDrive/none" | Should -Not -Exist
        New-CudaWasmHelmChart -Name infer -Image r/i:1 -ValuesOnly -Path $TestDrive/none.yaml -WhatIf | Should -BeNullOrEmpty
        "$TestDrive/none.yaml" | Should -Not -Exist
    }

    It 'leaves the namespace to the release unless one is given' {
        New-CudaWasmHelmChart -Name infer -Image r/i:1 -ValuesOnly | Should -Match '(?m)^namespaceOverride: ""'
        New-CudaWasmHelmChart -Name infer -Image r/i:1 -Namespace team -ValuesOnly | Should -Match '(?m)^namespaceOverride: team'
    }

    It 'tells every fault at once' {
        New-CudaWasmHelmChart -Name 'A: b' -Image r/i:1 -CpuLimit lots -Path $TestDrive/bad -ErrorVariable bad -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $bad.Count | Should -Be 1
        $bad[0].FullyQualifiedErrorId | Should -BeLike 'InvalidManifest,*'
        $bad[0].Exception.Errors.Field | Should -Be Name, CpuLimit
        New-CudaWasmHelmChart -Name infer -Image r/i:1 -ChartVersion 1 -Path $TestDrive/bad -ErrorVariable version -ErrorAction SilentlyContinue
        $version[0].Exception.Errors.Field | Should -Be ChartVersion
        "$TestDrive/bad" | Should -Not -Exist
    }

    It 'is what New-CudaWasmNkeManifest -Kind Helm writes' {
        $null = New-CudaWasmHelmChart -Name sweep -Image r/i:1 -Kind CronJob -Schedule '@daily' -Path $TestDrive/chart
        $files = New-CudaWasmNkeManifest -Name sweep -Image r/i:1 -Kind Helm -Schedule '@daily' -Path $TestDrive/again
        foreach ($file in $files) {
            $other = $file.FullName.Replace((Convert-Path $TestDrive/again), (Convert-Path $TestDrive/chart))
            Get-Content $other -Raw | Should -Be (Get-Content $file -Raw)
        }
        $files.Count | Should -Be @(Get-ChildItem $TestDrive/chart -Recurse -File -Force).Count
        New-CudaWasmNkeManifest -Name sweep -Image r/i:1 -Kind Helm -ErrorVariable nowhere -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $nowhere[0].Exception.Message | Should -BeLike '*-Path*'
        $job = New-CudaWasmNkeManifest -Name sweep -Image r/i:1 -Kind Helm -Completions 4 -Path $TestDrive/job
        Get-Content ($job | Where-Object Name -EQ values.yaml) | Should -Contain 'kind: Job'
    }
}
