using System.Management.Automation;
using CudaWasmNutanix.Completion;
using CudaWasmNutanix.Pipeline;
using CudaWasmNutanix.Session;
using Nutanix.Prism;

namespace CudaWasmNutanix.Commands;

/// <summary>Lists the images of a Prism Central.</summary>
/// <remarks>
/// <para>Machines boot from images of type DISK_IMAGE. Names are not unique; ExtId tells namesakes apart.</para>
/// </remarks>
/// <example>
/// <code>Get-NtnxImage ubuntu*</code>
/// <para>Lists the images whose names begin with ubuntu.</para>
/// </example>
/// <example>
/// <code>Get-NtnxImage -Type DISK_IMAGE | Sort-Object CreateTime | Select-Object -Last 1</code>
/// <para>Finds the newest disk image.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "NtnxImage")]
[OutputType(typeof(PrismImage))]
public sealed class GetNtnxImageCommand : PrismCmdlet
{
    /// <summary>Names of the images; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Image")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Only images of this type.</summary>
    [Parameter]
    [ValidateSet("DISK_IMAGE", "ISO_IMAGE")]
    public string? Type { get; set; }

    protected override void ProcessRecord()
    {
        var client = Client;
        var names = new NameFilter(Name);
        Run(writer => TryAsync(writer, client.Name, async () =>
        {
            await foreach (PrismImage image in client.GetImagesAsync(Stop).ConfigureAwait(false))
            {
                if (names.IsMatch(image.Name) && (Type is null || string.Equals(image.Type, Type, StringComparison.OrdinalIgnoreCase)))
                {
                    writer.Output(image);
                }
            }

            ReportMissing(writer, names, "ImageNotFound", "image", "Get-NtnxImage");
        }));
    }
}
