using System.Text.Json;
using GpuPlatform;

namespace Nutanix.Prism.Api;

/// <summary>A machine as the server last told it, with what a change of it must bring back.</summary>
/// <param name="Vm">The machine.</param>
/// <param name="Tag">v4: the ETag for <c>If-Match</c>. v3: <c>metadata.spec_version</c>. Null where the server gave none.</param>
/// <param name="Raw">The whole entity: an update sends it back, with members this client does not know.</param>
/// <param name="LatestTasks">Ids of the tasks the server names with the entity (v3 only).</param>
internal sealed record VmSnapshot(PrismVm Vm, string? Tag, JsonElement Raw, IReadOnlyList<string> LatestTasks);

/// <summary>A GPU as a create body names it, after names were looked up.</summary>
/// <param name="Name">The profile's name, for people.</param>
/// <param name="DeviceId">PCI device id in decimal, or the vGPU type id.</param>
/// <param name="Vendor">Maker.</param>
/// <param name="Mode">Whole device or vGPU.</param>
/// <param name="PciAddress">Pins one device; v4 only.</param>
internal sealed record VmGpuSpec(string? Name, long? DeviceId, GpuVendor Vendor, GpuMode Mode, string? PciAddress = null);

/// <summary>A create request that can be sent any number of times and makes one machine.</summary>
/// <param name="Body">JSON in UTF-8.</param>
/// <param name="RequestId">NTNX-Request-Id of every attempt.</param>
/// <param name="VmExtId">The machine's id where it is known beforehand (v3 with an idempotence identifier).</param>
internal sealed record PreparedCreate(byte[] Body, Guid RequestId, string? VmExtId);
