Describe 'Machine templates of the Cluster API' {
    BeforeAll {
        . $PSScriptRoot/Common.ps1
        $common = @{ Template = 'ubuntu-efi'; Network = 'LAN' }
    }

    It 'writes a template with devices by model, that passes its own check' {
        $template = New-CapvGpuMachineTemplate gpu @common -PciDevice A100-PCIE-80GB, 10de:20b5
        $template.Kind | Should -Be VSphereMachineTemplate
        $template | Should -Match 'deviceId: 8373'
        $template | Test-CapvGpuMachineTemplate | Where-Object Severity -EQ Error | Should -BeNullOrEmpty
        $template | Test-CapvGpuMachineTemplate -Quiet | Should -BeTrue
    }

    It 'tells which hosts have the devices' {
        $hosts = @(
            [pscustomobject] @{ Name = 'esx1'; FailureDomain = 'a'; Devices = @(@{ VendorId = 0x10de; DeviceId = 0x26b9; Free = 1 }) }
            [pscustomobject] @{ Name = 'esx2'; FailureDomain = 'a'; Devices = @() }
        )
        $findings = New-CapvGpuMachineTemplate gpu @common -PciDevice L40S | Test-CapvGpuMachineTemplate -HostInventory $hosts -FailureDomain a
        ($findings | Where-Object Field -EQ 'host esx1').Message | Should -Be 'has all devices of a machine'
        ($findings | Where-Object Field -EQ 'host esx2').Message | Should -Match '1 x 10de:26b9 wanted, 0 free'
        ConvertTo-Json $hosts -Depth 4 | Set-Content "$TestDrive/hosts.json"
        New-CapvGpuMachineTemplate gpu @common -PciDevice L40S | Test-CapvGpuMachineTemplate -HostInventory $TestDrive/hosts.json -Quiet | Should -BeTrue
        New-CapvGpuMachineTemplate gpu @common -PciDevice T4 | Test-CapvGpuMachineTemplate -HostInventory $TestDrive/hosts.json -Quiet | Should -BeFalse
    }

    It 'sees a change that the cluster would refuse' {
        $null = New-CapvGpuMachineTemplate gpu @common -PciDevice T4 -OutFile $TestDrive/old.yaml
        $null = New-CapvGpuMachineTemplate gpu @common -PciDevice L4 -OutFile $TestDrive/new.yaml
        (Test-CapvGpuMachineTemplate $TestDrive/new.yaml -Previous $TestDrive/old.yaml).Message | Should -Match 'immutable'
    }

    It 'writes templates for Nutanix, and patches' {
        $template = New-CapxGpuMachineTemplate gpu -Cluster pe1 -Image ubuntu -Subnet vlan10 -GpuName 'Ampere 40' -GpuDeviceId 8757
        $template.Object.Spec.Template.Spec.Gpus.Count | Should -Be 2
        New-CapxGpuMachineTemplate gpu -Cluster pe1 -Image ubuntu -Subnet vlan10 -GpuName 'Ampere 40' -PatchFor MachineDeployment | Should -Match 'kind: NutanixMachineTemplate'
    }

    It 'refuses what contradicts itself, and writes nothing under -WhatIf' {
        New-CapvGpuMachineTemplate gpu @common -PciDevice T4 -VGpuProfile grid_t4-4c -ErrorVariable both -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $both[0].FullyQualifiedErrorId | Should -BeLike 'InvalidManifest,*'
        New-CapvGpuMachineTemplate gpu @common -PciDevice nothing -ErrorVariable none -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $none[0].CategoryInfo.Category | Should -Be InvalidArgument
        New-CapvGpuMachineTemplate gpu @common -PciDevice T4 -OutFile $TestDrive/never.yaml -WhatIf | Should -BeNullOrEmpty
        "$TestDrive/never.yaml" | Should -Not -Exist
    }
}
