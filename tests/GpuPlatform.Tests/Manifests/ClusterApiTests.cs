using GpuPlatform.Manifests;
using GpuPlatform.Manifests.ClusterApi;
using GpuPlatform.Manifests.Schemas;
using GpuPlatform.Tests.Schemas;

namespace GpuPlatform.Tests.Manifests;

public class ClusterApiTests
{
    private static readonly CapvGpuTemplateOptions Capv = new() { Name = "gpu", Template = "ubuntu-efi", Network = "LAN", PciDevices = [PciIds.Parse("A100-PCIE-80GB"), PciIds.Parse("10de:20b5")] };
    private static readonly CapxGpuTemplateOptions Capx = new() { Name = "gpu", Cluster = "pe1", Image = "8f3b6d5e-0d1c-4a43-9f25-3d3ec2f1b111", Subnets = ["vlan: 10"], GpuNames = ["Ampere 40"], GpuDeviceIds = [8757] };

    private static IReadOnlyList<string> Definitions()
    {
        // In the checkout, or in a folder above that several checkouts share.
        for (var folder = new DirectoryInfo(OfficialSchemas.RepositoryRoot); folder is not null; folder = folder.Parent)
        {
            var definitions = Path.Combine(folder.FullName, "shared", "kubernetes", "crds");
            if (Directory.Exists(definitions))
                return [.. Directory.GetFiles(definitions, "*.yaml").Select(File.ReadAllText)];
        }

        Assert.Skip("There is no shared/kubernetes/crds: the providers' own schemas were not asked.");
        return [];
    }

    private static string[] Errors(string yaml, string? previous = null) =>
        [.. CapvRules.Check(yaml, previous).Where(f => f.Severity == FindingSeverity.Error).Select(f => $"{f.Field}: {f.Message}")];

    [Fact]
    public void Devices_are_written_in_decimal_with_memory_reserved_and_address_space_for_them()
    {
        var spec = Assert.Single(YamlPath.Documents(CapvGpuTemplate.Create(Capv).ToYaml())).At("spec", "template", "spec")!;

        Assert.Equal(("4318", "8373"), (spec.Text("pciDevices", 0, "vendorId"), spec.Text("pciDevices", 1, "deviceId")));
        Assert.Equal("32768Mi", spec.Text("resources", "requests", "memory"));
        // Twice 2 x 80 GiB, rounded up.
        Assert.Equal("512", spec.Text("customVMXKeys", "pciPassthru.64bitMMIOSizeGB"));
        Assert.Empty(Errors(CapvGpuTemplate.Create(Capv).ToYaml()));
    }

    [Fact]
    public void Templates_meet_the_providers_own_schemas()
    {
        var definitions = Definitions();
        string[] templates =
        [
            CapvGpuTemplate.Create(Capv with { CustomLabel = "yes", Server = "vc.example", Datacenter = "1e3", Datastore = "null", Folder = "a: b", ResourcePool = "*" }).ToYaml(),
            CapvGpuTemplate.Create(Capv with { PciDevices = [], VGpuProfiles = ["grid_a100-10c"] }).ToYaml(),
            CapxGpuTemplate.Create(Capx with { Project = "on" }).ToYaml(),
        ];

        Assert.All(templates, t => Assert.Empty(OpenApiSchema.Check(t, definitions)));
    }

    [Fact]
    public void The_schemas_refuse_what_is_wrong()
    {
        const string wrong = """
            apiVersion: infrastructure.cluster.x-k8s.io/v1beta1
            kind: VSphereMachineTemplate
            metadata: {name: a}
            spec: {template: {spec: {template: "", cloneMode: a, network: {devices: [{dhcp4: "true"}]}, pciDevices: [{deviceId: "0x20b5", vendor: 1}], powerOffMode: never}}}
            """;

        Assert.Equal(
            ["network.devices[0].dhcp4", "network.devices[0].networkName", "pciDevices[0].deviceId", "pciDevices[0].vendor", "powerOffMode", "template"],
            OpenApiSchema.Check(wrong, Definitions()).Select(f => f.Field.Replace("spec.template.spec.", "", StringComparison.Ordinal)).Order());
    }

    [Theory]
    [InlineData("A100-PCIE-80GB", 0x10DE, 0x20B5)]
    [InlineData("mi300x", 0x1002, 0x74A1)]
    [InlineData("Max 1550", 0x8086, 0x0BD5)]
    [InlineData("0x10de:0x2235", 0x10DE, 0x2235)]
    [InlineData("8086:ffff", 0x8086, 0xFFFF)]
    public void Gpus_are_known_by_model_and_by_ids(string text, int vendor, int device) =>
        Assert.Equal((vendor, device), (PciIds.Parse(text).VendorId, PciIds.Parse(text).DeviceId));

    [Theory]
    [InlineData("")]
    [InlineData("4318")]
    [InlineData("10de:")]
    [InlineData("10de:12345")]
    [InlineData("GeForce")]
    public void What_is_no_gpu_is_refused(string text) => Assert.Throws<FormatException>(() => PciIds.Parse(text));

    [Fact]
    public void Options_that_contradict_each_other_are_refused()
    {
        Assert.Equal(["VGpuProfiles"], Assert.Throws<ManifestException>(() => CapvGpuTemplate.Create(Capv with { VGpuProfiles = ["p"] })).Errors.Select(e => e.Field));
        Assert.Equal(["PciDevices"], Assert.Throws<ManifestException>(() => CapvGpuTemplate.Create(Capv with { PciDevices = [] })).Errors.Select(e => e.Field));
        Assert.Equal(["HardwareVersion"], Assert.Throws<ManifestException>(() => CapvGpuTemplate.Create(Capv with { HardwareVersion = "vmx-15" })).Errors.Select(e => e.Field));
        Assert.Equal(
            ["MemorySize", "SystemDiskSize", "GpuNames"],
            Assert.Throws<ManifestException>(() => CapxGpuTemplate.Create(Capx with { MemorySize = "1Gi", SystemDiskSize = "ten", GpuNames = [], GpuDeviceIds = [] })).Errors.Select(e => e.Field));
    }

    [Fact]
    public void Names_and_uuids_are_told_apart()
    {
        var spec = Assert.Single(YamlPath.Documents(CapxGpuTemplate.Create(Capx).ToYaml())).At("spec", "template", "spec")!;

        Assert.Equal(("name", "pe1"), (spec.Text("cluster", "type"), spec.Text("cluster", "name")));
        Assert.Equal(("uuid", Capx.Image), (spec.Text("image", "type"), spec.Text("image", "uuid")));
        Assert.Equal(("name", "Ampere 40", "deviceID", "8757"), (spec.Text("gpus", 0, "type"), spec.Text("gpus", 0, "name"), spec.Text("gpus", 1, "type"), spec.Text("gpus", 1, "deviceID")));
    }

    [Theory]
    [InlineData("{vendorId: 4318}", "deviceId: is missing")]
    [InlineData("{deviceId: 8373}", "vendorId: is missing")]
    [InlineData("{deviceId: 8373, vendorId: 4318, vGPUProfile: grid_a100-10c}", "it is a share of a device or a whole one")]
    [InlineData("{deviceId: \"8373\", vendorId: 4318}", "integers in decimal")]
    [InlineData("{deviceId: 0x20b5, vendorId: 4318}", "integers in decimal")]
    [InlineData("{vGPUProfile: a}, {vGPUProfile: b}", "several vGPU profiles")]
    [InlineData("{vGPUProfile: a}, {deviceId: 8373, vendorId: 4318}", "mixes vGPU profiles and whole devices")]
    [InlineData("", "names no device")]
    public void What_the_webhook_refuses_is_an_error(string devices, string complaint)
    {
        var yaml = $"{{kind: VSphereMachineTemplate, metadata: {{name: a}}, spec: {{template: {{spec: {{hardwareVersion: vmx-19, pciDevices: [{devices}]}}}}}}}}";

        Assert.Contains(complaint, Assert.Single(Errors(yaml)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_spec_of_a_template_cannot_be_changed()
    {
        var now = CapvGpuTemplate.Create(Capv).ToYaml();

        Assert.Empty(Errors(now, previous: now));
        Assert.Contains("immutable", Assert.Single(Errors(now, CapvGpuTemplate.Create(Capv with { NumCpus = 4 }).ToYaml())), StringComparison.Ordinal);
    }

    [Fact]
    public void Hosts_of_the_failure_domain_are_told_with_what_they_lack()
    {
        CapvHost[] hosts =
        [
            new("esx1", "a", [new CapvHostDevice(0x10DE, 0x20B5, null, null, 2)]),
            new("esx2", "a", [new CapvHostDevice(0x10DE, 0x20B5, null, null, 1)]),
            new("esx3", "b", [new CapvHostDevice(0x1002, 0x74A1, null, null, 8)]),
        ];
        var yaml = CapvGpuTemplate.Create(Capv).ToYaml();

        var there = CapvRules.Check(yaml, hosts: hosts, failureDomain: "a");
        Assert.Equal(["host esx1: has all devices of a machine", "host esx2: does not fit: 2 x 10de:20b5 wanted, 1 free"], there.Select(f => $"{f.Field}: {f.Message}"));
        Assert.Contains(CapvRules.Check(yaml, hosts: hosts, failureDomain: "b"), f => f.Severity == FindingSeverity.Error && f.Message.Contains("no host has all", StringComparison.Ordinal));
        Assert.Contains(CapvRules.Check(yaml, hosts: hosts, failureDomain: "c"), f => f.Severity == FindingSeverity.Error && f.Message.Contains("it has a, b", StringComparison.Ordinal));
    }

    [Fact]
    public void A_patch_refers_to_the_template_and_frees_the_only_node()
    {
        var template = CapvGpuTemplate.Create(Capv);
        var workers = Assert.Single(YamlPath.Documents(NodePoolPatch.ToYaml(NodePoolKind.MachineDeployment, template)));
        var plane = Assert.Single(YamlPath.Documents(NodePoolPatch.ToYaml(NodePoolKind.KubeadmControlPlane, template)));

        Assert.Equal("gpu", workers.Text("spec", "template", "spec", "infrastructureRef", "name"));
        Assert.Equal("VSphereMachineTemplate", plane.Text("spec", "machineTemplate", "infrastructureRef", "kind"));
        Assert.Empty((YamlDotNet.RepresentationModel.YamlSequenceNode)plane.At("spec", "kubeadmConfigSpec", "initConfiguration", "nodeRegistration", "taints")!);
    }
}
