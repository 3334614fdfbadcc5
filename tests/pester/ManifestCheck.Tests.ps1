Describe 'Test-CudaWasmManifest' {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
    }

    It 'finds nothing wrong with what New-CudaWasmNkeManifest writes' {
        New-CudaWasmNkeManifest -Name infer -Image r/i:1 | Test-CudaWasmManifest | Should -BeNullOrEmpty
        $null = New-CudaWasmNkeManifest -Name infer -Image r/i:1 -Kind StatefulSet -Path $TestDrive/infer.yaml
        Test-CudaWasmManifest $TestDrive/infer.yaml -Quiet | Should -BeTrue
    }

    It 'says what is wrong, where' {
        $wrong = (New-CudaWasmNkeManifest -Name infer -Image r/i:1 -AsYaml) -replace 'nvidia.com/gpu: "1"', 'amd.com/gpu: "1"'
        $finding = $wrong | Test-CudaWasmManifest | Select-Object -First 1
        $finding.Severity | Should -Be Error
        $finding.Object | Should -Be Deployment/infer
        $wrong | Test-CudaWasmManifest -Quiet | Should -BeFalse
    }

    It 'tells a misspelled field with the one that is meant' {
        $wrong = (New-CudaWasmNkeManifest -Name infer -Image r/i:1 -AsYaml) -creplace ' containers:', ' contaners:'
        $finding = $wrong | Test-CudaWasmManifest | Where-Object Field -EQ spec.template.spec.contaners
        $finding.Severity | Should -Be Error
        $finding.Message | Should -BeLike "'contaners' is no field of a PodSpec*did you mean 'containers'?"
    }

    It 'asks the cluster of a context, and tells where there is none' {
        if (-not (Get-Command kubectl -ErrorAction Ignore)) {
            Set-ItResult -Skipped -Because 'kubectl is not on the PATH'
            return
        }
        $findings = New-CudaWasmNkeManifest -Name infer -Image r/i:1 | Test-CudaWasmManifest -Context there-is-no-such-context
        $findings.Object | Should -Contain 'cluster of there-is-no-such-context'
        $findings.Message | Should -Match 'context'
    }

    It 'says which file there is not' {
        Test-CudaWasmManifest $TestDrive/none.yaml -ErrorVariable missing -ErrorAction SilentlyContinue
        $missing[0].FullyQualifiedErrorId | Should -BeLike 'FileNotFound,*'
    }
}
