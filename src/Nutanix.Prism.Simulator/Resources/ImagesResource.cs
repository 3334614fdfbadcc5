using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Query;
using static Nutanix.Prism.Simulator.Api.JsonBuild;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>Disk and ISO images; every AHV cluster holds each.</summary>
internal sealed class ImagesResource(Simulation simulation)
{
    private const string Ns = "vmm.v4.content.";

    private static readonly FieldSet Fields = new()
    {
        Filterable = FieldSet.Fields(text: "extId name description clusterLocationExtIds", number: "sizeBytes", enumeration: "type", time: "createTime lastUpdateTime"),
        Orderable = FieldSet.Names("name description sizeBytes type lastUpdateTime"),
        Selectable = FieldSet.Names("extId name description type sizeBytes clusterLocationExtIds createTime lastUpdateTime source checksum categoryExtIds ownerExtId"),
    };

    public void Register(RouteTable routes)
    {
        routes.Add("GET", "vmm", "content/images", List);
        routes.Add("GET", "vmm", "content/images/{extId}", Get);
    }

    private SimulatorResponse List(RequestContext context) =>
        Reply.List(context, Ns + "ListImagesApiResponse", simulation.Estate.Images, Render, Fields);

    private SimulatorResponse Get(RequestContext context)
    {
        context.AllowOptions();
        var extId = context.Value("extId");
        var image = simulation.Estate.Images.FirstOrDefault(i => string.Equals(i.ExtId, extId, StringComparison.OrdinalIgnoreCase)) ?? throw ApiException.NotFound("image", extId);
        return Reply.Entity(context, Ns + "GetImageApiResponse", Render(image), ETags.Of(1));
    }

    private JsonObject Render(Image image) => Typed(Ns + "Image",
        ("extId", image.ExtId),
        ("name", image.Name),
        ("description", $"{image.Name} image"),
        ("type", image.Type),
        ("sizeBytes", image.SizeBytes),
        ("clusterLocationExtIds", Texts(simulation.Estate.Clusters.Where(c => !c.IsPrismCentral).Select(c => c.ExtId))),
        ("createTime", WireFormat.Time(image.CreateTime)),
        ("lastUpdateTime", WireFormat.Time(image.CreateTime)),
        ("ownerExtId", Guid.Empty.ToString()));
}
