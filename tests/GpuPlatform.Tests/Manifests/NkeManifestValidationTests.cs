using GpuPlatform.Manifests;
using GpuPlatform.Manifests.Kubernetes;

namespace GpuPlatform.Tests.Manifests;

public class NkeManifestValidationTests
{
    private static readonly NkeManifestOptions Good = new() { Name = "infer", Image = "cuda-wasm:1.0" };

    private static ManifestError Fault(NkeManifestOptions options) =>
        Assert.Single(Assert.Throws<ManifestException>(() => NkeManifest.Create(options)).Errors);

    [Theory]
    [InlineData("")]
    [InlineData("My_App")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("1e3")]
    [InlineData("a: b")]
    [InlineData("a#b")]
    [InlineData("*a")]
    [InlineData("a\nb")]
    [InlineData("a\n")]
    [InlineData("\u00e9t\u00e9")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234")]
    public void Bad_names_are_refused_by_field_and_rule(string name)
    {
        var fault = Fault(Good with { Name = name });

        Assert.Equal("Name", fault.Field);
        Assert.Contains("RFC 1123", fault.Rule, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kube-system")]
    [InlineData("a.b")]
    [InlineData("")]
    public void Bad_namespaces_are_refused(string name) => Assert.Equal("Namespace", Fault(Good with { Namespace = name }).Field);

    [Theory]
    [InlineData("cuda-wasm")]
    [InlineData("registry.local:5000/team/cuda-wasm:1.0")]
    [InlineData("[::1]:5000/a")]
    [InlineData("a/b__c/d-e@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void Good_images_pass(string image) => Assert.NotEmpty(NkeManifest.Create(Good with { Image = image }).Objects);

    [Theory]
    [InlineData("")]
    [InlineData("Upper/Case")]
    [InlineData("a b")]
    [InlineData("a:")]
    [InlineData("https://a/b")]
    [InlineData("a@sha256:12")]
    [InlineData("a:1.0\n")]
    [InlineData("a:\u00e9")]
    public void Bad_images_are_refused(string image) => Assert.Equal("Image", Fault(Good with { Image = image }).Field);

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1 Gi")]
    [InlineData("1gi")]
    [InlineData("1KI")]
    [InlineData("NaN")]
    [InlineData("1e99999")]
    public void Bad_quantities_are_refused(string quantity) => Assert.Equal("CacheSize", Fault(Good with { CacheSize = quantity }).Field);

    [Theory]
    [InlineData("1e3")]
    [InlineData("1E3")]
    [InlineData("1E")]
    [InlineData("1.5Gi")]
    [InlineData("500m")]
    public void Good_quantities_pass(string quantity) => Assert.NotEmpty(NkeManifest.Create(Good with { CacheSize = quantity }).Objects);

    [Fact]
    public void A_request_above_its_limit_is_refused()
    {
        var fault = Fault(Good with { MemoryRequest = "2048Mi", MemoryLimit = "1Gi" });

        Assert.Equal("MemoryRequest", fault.Field);
        Assert.Contains("MemoryLimit '1Gi'", fault.Rule, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b", "x", "Labels key")]
    [InlineData("Bad_Prefix/a", "x", "Labels key")]
    [InlineData("a/b/c", "x", "Labels key")]
    [InlineData("a/", "x", "Labels key")]
    [InlineData("a", "x y", "Labels[a]")]
    [InlineData("a", "-x", "Labels[a]")]
    [InlineData("a", "x: y", "Labels[a]")]
    [InlineData("app.kubernetes.io/name", "other", "Labels key")]
    public void Bad_labels_are_refused(string key, string value, string field) =>
        Assert.Equal(field, Fault(Good with { Labels = new Dictionary<string, string> { [key] = value } }).Field);

    [Theory]
    [InlineData("1A", "x", "Environment name")]
    [InlineData("A B", "x", "Environment name")]
    [InlineData("A=B", "x", "Environment name")]
    [InlineData("", "x", "Environment name")]
    [InlineData("A", "a\0b", "Environment[A]")]
    public void Bad_environment_is_refused(string key, string value, string field) =>
        Assert.Equal(field, Fault(Good with { Environment = new Dictionary<string, string> { [key] = value } }).Field);

    [Fact]
    public void Half_a_surrogate_pair_is_refused() =>
        Assert.Equal("Environment[A]", Fault(Good with { Environment = new Dictionary<string, string> { ["A"] = "half \uD83D" } }).Field);

    [Fact]
    public void Another_vendors_resource_is_refused()
    {
        var fault = Fault(Good with { GpuVendor = GpuVendor.Amd, GpuResource = "nvidia.com/gpu" });

        Assert.Equal("belongs to Nvidia, but GpuVendor is Amd", fault.Rule);
    }

    [Fact]
    public void Files_that_no_ConfigMap_holds_are_refused() =>
        Assert.Equal("Files", Fault(Good with { Files = new Dictionary<string, string> { ["k.cu"] = new('x', 1 << 20) } }).Field);

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var error = Assert.Throws<ManifestException>(() => NkeManifest.Create(Good with { Name = "A", Image = "B", Port = 0, GpuCount = -1, MaxReplicas = 0 }));

        Assert.Equal(["Name", "Image", "GpuCount", "MaxReplicas", "Port"], error.Errors.Select(e => e.Field));
        Assert.Contains("Port '0': must be 1 to 65535.", error.Message, StringComparison.Ordinal);
    }
}
