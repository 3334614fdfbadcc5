using System.Text;
using Nutanix.Prism.Machines;

namespace Nutanix.Prism.Tests.Client;

public class CloudInitTests
{
    [Fact]
    public void User_data_is_encoded_once() =>
        Assert.Equal("#cloud-config\npackages: [cuda]\n", Decode(CloudInitUserData.Encode("#cloud-config\npackages: [cuda]\n")));

    [Fact]
    public void User_data_that_is_encoded_already_is_not_encoded_again()
    {
        string once = CloudInitUserData.Encode("#cloud-config\npackages: [cuda]\n");

        Assert.Equal(once, CloudInitUserData.Encode(once));
    }

    [Fact]
    public void Windows_line_ends_and_a_byte_order_mark_do_not_reach_the_guest() =>
        Assert.Equal("#!/bin/sh\necho hi\n", Decode(CloudInitUserData.Encode("\uFEFF#!/bin/sh\r\necho hi\r\n")));

    [Fact]
    public void Other_languages_survive() =>
        Assert.Equal("#cloud-config\nmotd: Grüße 漢字 🚀\n", Decode(CloudInitUserData.Encode("#cloud-config\nmotd: Grüße 漢字 🚀\n")));

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n ")]
    [InlineData("packages: [cuda]")]
    [InlineData("#cloud-configuration\n")]
    [InlineData("\n#cloud-config\n")]
    [InlineData("#!\n")]
    [InlineData("## template: jinja\n#cloud-config\n")]
    [InlineData("aGVsbG8gd29ybGQ=")]
    public void User_data_without_a_first_line_cloud_init_knows_is_refused(string text) =>
        Assert.Throws<ArgumentException>(() => CloudInitUserData.Encode(text));

    [Fact]
    public void A_refusal_does_not_repeat_the_text()
    {
        var e = Assert.Throws<ArgumentException>(() => CloudInitUserData.Encode("password: hunter2hunter2"));

        Assert.DoesNotContain("hunter2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_limit_counts_the_encoded_text()
    {
        // 96,000 bytes are exactly 128,000 characters of base64.
        string fits = "#cloud-config\n" + new string('#', 96_000 - 14);

        Assert.Equal(128_000, CloudInitUserData.Encode(fits).Length);
        var e = Assert.Throws<ArgumentException>(() => CloudInitUserData.Encode(fits + "#"));
        Assert.Contains("128000", e.Message, StringComparison.Ordinal);
    }

    private static string Decode(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));
}
