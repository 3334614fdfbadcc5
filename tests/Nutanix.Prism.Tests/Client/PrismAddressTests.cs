using Nutanix.Prism.Http;

namespace Nutanix.Prism.Tests.Client;

public class PrismAddressTests
{
    [Theory]
    [InlineData("pc.example.test", "https://pc.example.test:9440/")]
    [InlineData(" pc.example.test \r\n", "https://pc.example.test:9440/")]
    [InlineData("pc:443", "https://pc/")]
    [InlineData("https://pc.example.test", "https://pc.example.test:9440/")]
    [InlineData("https://pc.example.test:443/console/#login", "https://pc.example.test/")]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080/")]
    [InlineData("10.1.2.3", "https://10.1.2.3:9440/")]
    [InlineData("fd00::1", "https://[fd00::1]:9440/")]
    [InlineData("[fd00::1]:443", "https://[fd00::1]/")]
    public void Addresses_are_read_as_people_write_them(string text, string expected) =>
        Assert.Equal(expected, PrismAddress.Parse(text).AbsoluteUri);

    [Theory]
    [InlineData("")]
    [InlineData("ftp://pc")]
    [InlineData("https://")]
    [InlineData("pc:notaport")]
    public void What_is_no_address_is_refused(string text) => Assert.Throws<ArgumentException>(() => PrismAddress.Parse(text));

    [Fact]
    public void A_password_in_the_address_is_refused_and_not_repeated()
    {
        var e = Assert.Throws<ArgumentException>(() => PrismAddress.Parse("https://admin:hunter2hunter2@pc"));
        Assert.DoesNotContain("hunter2", e.ToString(), StringComparison.Ordinal);
    }
}
