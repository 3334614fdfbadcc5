using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator.Api;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Query;
using Nutanix.Prism.Simulator.Schema;
using static Nutanix.Prism.Simulator.Api.JsonBuild;

namespace Nutanix.Prism.Simulator.Resources;

/// <summary>Categories. Unlike VMs they are made, changed and removed at once, without a task.</summary>
internal sealed class CategoriesResource(Simulation simulation)
{
    private const string Ns = "prism.v4.config.";

    private static readonly FieldSet Fields = new()
    {
        Filterable = FieldSet.Fields(text: "extId key value description ownerUuid", enumeration: "type"),
        Orderable = FieldSet.Names("key value description ownerUuid extId"),
        Selectable = FieldSet.Names("extId key value type description ownerUuid"),
    };

    private static readonly ObjectSchema Body = new(Ns + "Category",
        Field.Text("key", 64, required: true), Field.Text("value", 64, required: true), Field.Text("description", 512), Field.Uuid("ownerUuid"),
        Field.ReadOnly("type"), Field.ReadOnly("extId"));

    public void Register(RouteTable routes)
    {
        routes.Add("GET", "prism", "config/categories", List);
        routes.Add("POST", "prism", "config/categories", c => simulation.RequestIds.Once(c, () => Create(c)));
        routes.Add("GET", "prism", "config/categories/{extId}", Get);
        routes.Add("PUT", "prism", "config/categories/{extId}", c => simulation.RequestIds.Once(c, () => Update(c)));
        routes.Add("DELETE", "prism", "config/categories/{extId}", c => simulation.RequestIds.Once(c, () => Delete(c)));
    }

    private SimulatorResponse List(RequestContext context) =>
        Reply.List(context, Ns + "ListCategoriesApiResponse", simulation.Estate.Categories, Render, Fields);

    private SimulatorResponse Get(RequestContext context)
    {
        context.AllowOptions();
        var category = Find(context);
        return Reply.Entity(context, Ns + "GetCategoryApiResponse", Render(category), ETags.Of(category.Revision));
    }

    private SimulatorResponse Create(RequestContext context)
    {
        context.AllowOptions();
        var body = ReadBody(context);
        var (key, value) = ((string)body["key"]!, (string)body["value"]!);
        if (simulation.Estate.Categories.Any(c => c.Key == key && c.Value == value))
        {
            throw new ApiException(409, null, "CATEGORY_ALREADY_EXISTS", $"The category '{key}' has the value '{value}' already.");
        }

        var category = new Category { ExtId = simulation.Estate.NewUuid(), Key = key, Value = value, Type = "USER", Revision = 1 };
        Apply(category, body);
        simulation.Estate.Categories.Add(category);
        return Reply.Entity(context, Ns + "CreateCategoryApiResponse", Render(category), ETags.Of(category.Revision), status: 201);
    }

    private SimulatorResponse Update(RequestContext context)
    {
        context.AllowOptions();
        var category = ForWrite(context);
        var body = ReadBody(context);
        if ((string)body["key"]! != category.Key) throw new SchemaException("/key", "The key of a category cannot be changed.");
        category.Value = (string)body["value"]!;
        Apply(category, body);
        category.Revision++;
        return Reply.Entity(context, Ns + "UpdateCategoryApiResponse", Render(category), ETags.Of(category.Revision));
    }

    private SimulatorResponse Delete(RequestContext context)
    {
        context.AllowOptions();
        var category = ForWrite(context);
        if (simulation.Estate.Vms.FirstOrDefault(vm => VmRenderer.CategoryIds(vm).Contains(category.ExtId)) is { } user)
        {
            throw new ApiException(409, null, "CATEGORY_IN_USE", $"The category '{category.Key}:{category.Value}' is assigned to the VM '{user.Name}'.");
        }

        simulation.Estate.Categories.Remove(category);
        return new SimulatorResponse { StatusCode = 204 };
    }

    private Category ForWrite(RequestContext context)
    {
        var category = Find(context);
        if (context.LoseETagRace) category.Revision++;
        ETags.Require(context, category.Revision, "PLAT-10005", "ETAG_MISMATCH");
        return category.Type == "USER"
            ? category
            : throw new ApiException(403, "RBA-10001", "RBAC_AUTHORIZATION_ERROR", $"The category '{category.Key}:{category.Value}' belongs to the system.");
    }

    private static JsonObject ReadBody(RequestContext context)
    {
        var violations = new List<SchemaException.Violation>();
        var body = Body.Read(context.Body(), "", violations);
        return violations.Count == 0 ? body : throw new SchemaException(violations);
    }

    private static void Apply(Category category, JsonObject body)
    {
        category.Description = (string?)body["description"];
        category.OwnerUuid = body["ownerUuid"]?.DeepClone();
    }

    private Category Find(RequestContext context)
    {
        var extId = context.Value("extId");
        return simulation.Estate.Categories.FirstOrDefault(c => string.Equals(c.ExtId, extId, StringComparison.OrdinalIgnoreCase)) ?? throw ApiException.NotFound("category", extId);
    }

    private static JsonObject Render(Category category) => Typed(Ns + "Category",
        ("extId", category.ExtId), ("key", category.Key), ("value", category.Value), ("type", category.Type),
        ("description", category.Description), ("ownerUuid", category.OwnerUuid?.DeepClone()));
}
