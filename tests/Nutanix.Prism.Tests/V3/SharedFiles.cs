namespace Nutanix.Prism.Tests.V3;

/// <summary>Material that lies beside the checkout and is not part of it: <c>shared/prism</c>, in a folder above the tests.</summary>
internal static class SharedFiles
{
    /// <summary>The path of a file or folder below shared/prism; skips the test where there is none.</summary>
    public static string Require(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "prism", name);
            if (Path.Exists(path))
            {
                return path;
            }
        }

        Assert.Skip($"There is no shared/prism/{name} beside the checkout: this test reads real v3 material, which is not part of the repository.");
        return string.Empty;
    }
}
