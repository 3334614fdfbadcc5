@{
    RootModule           = 'CudaWasmNutanix.psm1'
    ModuleVersion        = '0.1.0'
    CompatiblePSEditions = @('Core')
    PowerShellVersion    = '7.6'
    GUID                 = 'ebd3e5ea-3b31-4159-87dc-cf56d0172ce8'
    Author               = 'CudaWasmNutanix contributors'
    CompanyName          = 'CudaWasmNutanix'
    Copyright            = '(c) CudaWasmNutanix contributors. MIT License.'
    Description          = 'GPU work from PowerShell: find the GPUs of a Nutanix estate, make GPU virtual machines, write the Kubernetes objects that use them, compile and run CUDA kernels on any machine, and watch the GPUs while they work.'
    TypesToProcess       = @('CudaWasmNutanix.Types.ps1xml')
    FormatsToProcess     = @('CudaWasmNutanix.Format.ps1xml')
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    CmdletsToExport      = @(
        'Add-NtnxVmGpu'
        'Clear-CudaWasmCache'
        'Connect-NtnxPrismCentral'
        'Disconnect-NtnxPrismCentral'
        'Find-NtnxGpuHost'
        'Get-CudaWasmCache'
        'Get-CudaWasmDevice'
        'Get-CudaWasmKernel'
        'Get-CudaWasmPublishedKernel'
        'Get-CudaWasmWorker'
        'Get-NtnxCluster'
        'Get-NtnxGpu'
        'Get-NtnxGpuHost'
        'Get-NtnxGpuMetric'
        'Get-NtnxGpuProfile'
        'Get-NtnxGpuSummary'
        'Get-NtnxGpuVm'
        'Get-NtnxHostCapability'
        'Get-NtnxImage'
        'Get-NtnxSubnet'
        'Get-NtnxTask'
        'Invoke-CudaWasmKernel'
        'Measure-CudaWasmKernel'
        'New-CapvGpuMachineTemplate'
        'New-CapxGpuMachineTemplate'
        'New-CudaWasmHelmChart'
        'New-CudaWasmNkeManifest'
        'New-CudaWasmWorker'
        'New-NtnxCloudInit'
        'New-NtnxGpuVm'
        'Publish-CudaWasmKernel'
        'Remove-CudaWasmPublishedKernel'
        'Remove-CudaWasmWorker'
        'Remove-NtnxGpuVm'
        'Remove-NtnxVmGpu'
        'Restart-NtnxGpuVm'
        'Set-NtnxGpuVm'
        'Start-NtnxGpuVm'
        'Start-NtnxPrismSimulator'
        'Stop-NtnxGpuVm'
        'Stop-NtnxPrismSimulator'
        'Stop-NtnxTask'
        'Test-CapvGpuMachineTemplate'
        'Test-CudaWasmKernel'
        'Test-CudaWasmManifest'
        'Wait-NtnxTask'
        'Watch-NtnxGpuMetrics'
    )
    PrivateData          = @{
        PSData = @{
            Tags         = @('Nutanix', 'Prism', 'GPU', 'CUDA', 'WASM', 'WebAssembly', 'Kubernetes', 'NKE', 'vGPU', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            LicenseUri   = 'https://opensource.org/license/mit'
            ReleaseNotes = 'See CHANGELOG.md.'
        }
    }
}
