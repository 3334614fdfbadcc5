using GpuPlatform.Manifests;
using GpuPlatform.Manifests.CloudInit;
using YamlDotNet.RepresentationModel;

namespace GpuPlatform.Tests.Manifests;

public class CloudInitTests
{
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE9nZ3k= person@example";

    private static YamlNode Parse(CloudInitDocument document) => Assert.Single(YamlPath.Documents(document.ToYaml()));

    private static ManifestError Fault(CloudInitDocument document) =>
        Assert.Single(Assert.Throws<ManifestException>(document.ToYaml).Errors);

    [Fact]
    public void The_first_line_says_what_it_is()
    {
        Assert.StartsWith("#cloud-config\n", GpuCloudInit.Create(new GpuCloudInitOptions()).ToYaml(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_nvidia_machine_gets_driver_toolkit_and_restart()
    {
        var root = Parse(GpuCloudInit.Create(new GpuCloudInitOptions { Hostname = "trainer", SshAuthorizedKeys = [Key], NvidiaDriverBranch = 550 }));

        Assert.Equal("trainer", root.Text("hostname"));
        Assert.Equal("cuda", root.Text("users", 0, "name"));
        Assert.Equal(Key, root.Text("users", 0, "ssh_authorized_keys", 0));
        Assert.Equal("true", root.Text("users", 0, "lock_passwd"));
        Assert.Equal("nvidia:550-server", root.Text("runcmd", 0, 3));
        Assert.Equal("nvidia-cuda-toolkit", root.Text("runcmd", 2, 3));
        Assert.Equal("reboot", root.Text("power_state", "mode"));
    }

    [Theory]
    [InlineData(GpuVendor.Amd, "rocminfo")]
    [InlineData(GpuVendor.Intel, "intel-opencl-icd")]
    public void Other_vendors_get_their_own_and_nothing_of_nvidia(GpuVendor vendor, string package)
    {
        var yaml = GpuCloudInit.Create(new GpuCloudInitOptions { GpuVendor = vendor }).ToYaml();

        Assert.Contains(package, yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("nvidia", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_keep_their_content_and_their_octal_mode()
    {
        const string script = "#!/bin/sh\necho 'a: b' # c\n";
        var root = Parse(new CloudInitDocument
        {
            WriteFiles = [new CloudInitFile { Path = "/opt/run.sh", Content = script, Permissions = "0755", Defer = true }],
        });

        Assert.Equal(script, root.Text("write_files", 0, "content"));
        var mode = (YamlScalarNode)root.At("write_files", 0, "permissions")!;
        Assert.Equal(("0755", YamlDotNet.Core.ScalarStyle.DoubleQuoted), (mode.Value, mode.Style));
        Assert.Equal("true", root.Text("write_files", 0, "defer"));
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("1e3")]
    [InlineData("null")]
    public void Host_names_stay_text(string name)
    {
        Assert.Contains($"hostname: \"{name}\"", new CloudInitDocument { Hostname = name }.ToYaml(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_breaks_a_machine_nobody_can_reach_is_refused()
    {
        Assert.Equal("Hostname", Fault(new CloudInitDocument { Hostname = "a b" }).Field);
        Assert.Equal("Users name", Fault(new CloudInitDocument { Users = [new CloudInitUser { Name = "Root!" }] }).Field);
        Assert.Equal("SshAuthorizedKeys", Fault(new CloudInitDocument { SshAuthorizedKeys = ["-----BEGIN OPENSSH PRIVATE KEY-----"] }).Field);
        Assert.Equal("SshAuthorizedKeys", Fault(new CloudInitDocument { SshAuthorizedKeys = [Key + "\nssh-rsa AAAA"] }).Field);
        Assert.Equal("Packages", Fault(new CloudInitDocument { Packages = ["a; reboot"] }).Field);
        Assert.Equal("WriteFiles path", Fault(new CloudInitDocument { WriteFiles = [new CloudInitFile { Path = "relative", Content = "" }] }).Field);
        Assert.Equal("RunCommands", Fault(new CloudInitDocument { RunCommands = [[]] }).Field);
        Assert.Equal("PowerState.Mode", Fault(new CloudInitDocument { PowerState = new CloudInitPowerState { Mode = "restart" } }).Field);
    }

    [Fact]
    public void User_data_longer_than_prism_takes_is_refused()
    {
        var document = new CloudInitDocument { WriteFiles = [new CloudInitFile { Path = "/a", Content = new string('x', 96_000) }] };

        Assert.Equal("user data", Fault(document).Field);
    }
}
