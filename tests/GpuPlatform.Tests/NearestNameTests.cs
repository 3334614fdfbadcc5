namespace GpuPlatform.Tests;

public class NearestNameTests
{
    [Theory]
    [InlineData("contaners", "containers")]
    [InlineData("replica", "replicas")]
    [InlineData("Image_Pull-Policy", "imagePullPolicy")]
    [InlineData("imgae", "image")]
    [InlineData("images", "image")]
    [InlineData("im", null)]
    [InlineData("something", null)]
    [InlineData("image", "images")]
    public void A_misspelled_name_finds_the_one_meant(string name, string? meant) =>
        Assert.Equal(meant, NearestName.Find(name, ["replicas", "containers", "imagePullPolicy", name is "images" or "imgae" ? "image" : "images"]));

    [Fact]
    public void Of_names_equally_near_the_first_is_taken_whatever_their_order() =>
        Assert.Equal(NearestName.Find("port", ["ports", "sport"]), NearestName.Find("port", ["sport", "ports"]));
}
