using System.Text.Json.Nodes;
using Nutanix.Prism.Simulator;
using Nutanix.Prism.Simulator.Estates;
using Nutanix.Prism.Simulator.Faults;

namespace Nutanix.Prism.Tests.Simulator;

public class VmBodyTests
{
    private static SimulatorDriver Driver(bool shared = false) => new(new SimulatorOptions
    {
        Estate = new EstateDescription
        {
            Clusters =
            [
                new ClusterDescription
                {
                    Name = "c",
                    Hosts =
                    [
                        new HostDescription { Name = "h1", Gpus = [new() { Model = "A40", Shared = shared }] },
                        new HostDescription { Name = "h2", Gpus = [new() { Model = "A40", Shared = shared }] },
                    ],
                },
            ],
        },
    });

    [Theory]
    [InlineData("""{}""", "/name")]
    [InlineData("""{"name":""}""", "/name")]
    [InlineData("""{"name":"x"}""", "/cluster")]
    [InlineData("""{"name":"x","cluster":{"extId":"11111111-1111-4111-8111-111111111111"}}""", "/cluster/extId")]
    [InlineData("""{"name":"x","cluster":{"extId":"nonsense"}}""", "/cluster/extId")]
    [InlineData("""{"name":"x","cluster":"C"}""", "/cluster")]
    [InlineData("""{"name":"x","machineType":"Q99"}""", "/machineType")]
    [InlineData("""{"name":"x","numSockets":0}""", "/numSockets")]
    [InlineData("""{"name":"x","memorySizeBytes":"many"}""", "/memorySizeBytes")]
    [InlineData("""{"name":"x","memorySizeBytes":1.5}""", "/memorySizeBytes")]
    [InlineData("""{"name":"x","isAgentVm":"yes"}""", "/isAgentVm")]
    [InlineData("""{"name":"x","disks":[{"diskAddress":{"busType":"USB"}}]}""", "/disks/0/diskAddress/busType")]
    [InlineData("""{"name":"x","disks":[{"backingInfo":{"diskSizeBytes":1}}]}""", "/disks/0/backingInfo/$objectType")]
    [InlineData("""{"name":"x","gpus":[{"vendor":"NVIDIA","deviceId":8757}]}""", "/gpus/0/mode")]
    [InlineData("""{"name":"x","gpus":[{"mode":"VIRTUAL","vendor":"kNvidia","deviceId":8757}]}""", "/gpus/0/vendor")]
    [InlineData("""[]""", "")]
    [InlineData("""{"name":"x",""", "")]
    [InlineData("", "")]
    public void A_body_that_breaks_the_rules_gives_a_schema_error_with_the_place(string body, string path)
    {
        var driver = Driver();
        var response = driver.Write("POST", driver.Vms, body);

        Assert.Equal(400, response.StatusCode);
        var error = JsonNode.Parse(response.Text)!["data"]!["error"]!;
        Assert.Equal("vmm.v4.error.SchemaValidationError", (string?)error["$objectType"]);
        Assert.Contains(path, ((JsonArray)error["validationErrorMessages"]!).Select(m => (string?)m!["attributePath"]));
        Assert.Empty(driver.List(driver.Vms));
    }

    [Fact]
    public void A_name_longer_than_eighty_characters_is_refused()
    {
        var driver = Driver();
        Assert.Equal(400, driver.Write("POST", driver.Vms, new JsonObject { ["name"] = new string('n', 81) }.ToJsonString()).StatusCode);
    }

    [Fact]
    public void A_post_without_a_request_id_is_refused()
    {
        var driver = Driver();
        var response = driver.Send("POST", driver.Vms, """{"name":"x"}""");
        Assert.Equal((400, "VM_MISSING_REQUEST_ID_HEADER"), (response.StatusCode, (string?)JsonNode.Parse(response.Text)!["data"]!["error"]![0]!["errorGroup"]));
    }

    [Fact]
    public void A_full_body_comes_back_completed_and_without_its_user_data()
    {
        var driver = Driver();
        var image = driver.List("/api/vmm/v4.0/content/images")[0];
        var subnet = driver.List("/api/networking/v4.0/config/subnets")[0];
        var category = driver.List("/api/prism/v4.0/config/categories")[0];
        var body = $$"""
            {"name":"gpu-01","cluster":{"extId":"{{driver.ClusterId}}"},"numSockets":2,"numCoresPerSocket":8,"memorySizeBytes":68719476736,"machineType":"Q35",
             "bootConfig":{"$objectType":"vmm.v4.ahv.config.UefiBoot","isSecureBootEnabled":false},
             "disks":[{"diskAddress":{"busType":"SCSI","index":0},"backingInfo":{"$objectType":"vmm.v4.ahv.config.VmDisk",
               "dataSource":{"reference":{"$objectType":"vmm.v4.ahv.config.ImageReference","imageExtId":"{{image["extId"]}}"} } } }],
             "nics":[{"networkInfo":{"nicType":"NORMAL_NIC","subnet":{"extId":"{{subnet["extId"]}}"} } }],
             "gpus":[{"mode":"PASSTHROUGH_COMPUTE","vendor":"NVIDIA","deviceId":8757}],
             "guestCustomization":{"config":{"$objectType":"vmm.v4.ahv.config.CloudInit","datasourceType":"CONFIG_DRIVE_V2",
               "cloudInitScript":{"$objectType":"vmm.v4.ahv.config.Userdata","value":"I2Nsb3VkLWNvbmZpZwo="} } },
             "categories":[{"extId":"{{category["extId"]}}"}],"unknownMember":1}
            """;
        var task = driver.Finish(driver.Write("POST", driver.Vms, body));
        Assert.Equal("SUCCEEDED", (string?)task["status"]);
        var vm = driver.Vm((string)task["entitiesAffected"]![0]!["extId"]!);

        Assert.Equal((long)image["sizeBytes"]!, (long)vm["disks"]![0]!["backingInfo"]!["diskSizeBytes"]!);
        Assert.StartsWith("10.", (string?)vm["nics"]![0]!["networkInfo"]!["ipv4Config"]!["ipAddress"]!["value"], StringComparison.Ordinal);
        Assert.Equal("Ampere 40", (string?)vm["gpus"]![0]!["name"]);
        Assert.Equal((string?)category["extId"], (string?)vm["categories"]![0]!["extId"]);
        Assert.Null(vm["guestCustomization"]);
        Assert.Null(vm["unknownMember"]);
    }

    [Fact]
    public void A_reference_to_nothing_fails_the_task_and_leaves_no_vm()
    {
        var driver = Driver();
        var body = $$"""{"name":"x","cluster":{"extId":"{{driver.ClusterId}}"},"categories":[{"extId":"11111111-1111-4111-8111-111111111111"}]}""";
        var task = driver.Finish(driver.Write("POST", driver.Vms, body));

        Assert.Equal("FAILED", (string?)task["status"]);
        Assert.Contains("category '11111111", (string?)task["errorMessages"]![0]!["message"], StringComparison.Ordinal);
        Assert.Empty(driver.List(driver.Vms));
    }

    [Fact]
    public void An_update_changes_the_vm_and_its_etag()
    {
        var driver = Driver();
        var id = driver.CreateVm("before", SimulatorDriver.Gpu(8757));
        var target = $"{driver.Vms}/{id}";
        var vm = driver.Vm(id);
        var etag = driver.ETag(target);
        vm["name"] = "after";
        Assert.Equal("SUCCEEDED", (string?)driver.Finish(driver.Write("PUT", target, vm.ToJsonString(), etagOf: target))["status"]);

        var changed = driver.Vm(id);
        Assert.Equal("after", (string?)changed["name"]);
        Assert.Equal((string?)vm["gpus"]![0]!["extId"], (string?)changed["gpus"]![0]!["extId"]);
        Assert.NotEqual(etag, driver.ETag(target));
    }

    [Fact]
    public void Gpus_are_attached_and_detached_only_while_the_vm_is_off()
    {
        var driver = Driver();
        var id = driver.CreateVm("one");
        var (target, gpus) = ($"{driver.Vms}/{id}", $"{driver.Vms}/{id}/gpus");
        Assert.Equal("SUCCEEDED", (string?)driver.Finish(driver.Write("POST", gpus, SimulatorDriver.Gpu(8757), etagOf: target))["status"]);
        var gpu = (string)Assert.Single(driver.List(gpus))["extId"]!;
        driver.Act(id, "power-on");
        Assert.Equal("FAILED", (string?)driver.Finish(driver.Write("DELETE", $"{gpus}/{gpu}", etagOf: target))["status"]);
        driver.Act(id, "power-off");
        Assert.Equal("SUCCEEDED", (string?)driver.Finish(driver.Write("DELETE", $"{gpus}/{gpu}", etagOf: target))["status"]);
        Assert.Empty(driver.List(gpus));
    }

    [Fact]
    public void Vgpus_share_a_device_up_to_the_profiles_limit_and_then_take_the_next_host()
    {
        var driver = Driver(shared: true);
        var rows = driver.List($"/api/clustermgmt/v4.0/config/clusters/{driver.ClusterId}/virtual-gpu-profiles?$limit=100&$filter=virtualGpuConfig/deviceName%20eq%20'NVIDIA%20A40-24Q'");
        Assert.Equal([2, 2], rows.Select(r => (int)r["virtualGpuConfig"]!["assignable"]!));
        var vgpu = SimulatorDriver.Gpu((int)rows[0]["virtualGpuConfig"]!["deviceId"]!, mode: "VIRTUAL");
        var ids = Enumerable.Range(0, 5).Select(i => driver.CreateVm($"v{i}", vgpu)).ToList();
        Assert.Equal(["SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "FAILED"], ids.Select(id => (string)driver.Act(id, "power-on")["status"]!));

        Assert.Equal("FAILED", (string?)driver.Act(driver.CreateVm("whole", SimulatorDriver.Gpu(8757)), "power-on")["status"]);
        var physical = driver.List($"/api/clustermgmt/v4.0/config/clusters/{driver.ClusterId}/physical-gpu-profiles");
        Assert.All(physical, p => Assert.Equal("USED_FOR_VIRTUAL", (string?)p["physicalGpuConfig"]!["mode"]));
    }

    [Fact]
    public void A_profile_of_the_catalogue_names_a_gpu_as_well()
    {
        var driver = Driver();
        var profile = Assert.Single(driver.List("/api/clustermgmt/v4.3/ahv/config/physical-gpu-profiles"));
        var gpu = $$"""{"backingInfo":{"$objectType":"vmm.v4.ahv.config.PhysicalGpu","physicalGpuProfileReference":{"extId":"{{profile["extId"]}}"} } }""";
        var vm = driver.Vm(driver.CreateVm("one", gpu));

        Assert.Equal(8757, (int)vm["gpus"]![0]!["deviceId"]!);
    }

    [Fact]
    public void A_pinned_device_is_the_one_that_is_given()
    {
        var driver = Driver();
        var vm = driver.CreateVm("one", """{"mode":"PASSTHROUGH_COMPUTE","vendor":"NVIDIA","deviceId":8757,"pciAddress":{"segment":0,"bus":7,"device":0,"func":0}}""");
        var task = driver.Act(vm, "power-on");
        Assert.Contains("0000:07:00.0", (string?)task["errorMessages"]![0]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_passthrough_vm_stays_on_its_host_and_another_moves()
    {
        var driver = Driver();
        var (pinned, free) = (driver.CreateVm("pinned", SimulatorDriver.Gpu(8757)), driver.CreateVm("free"));
        driver.Act(pinned, "power-on");
        driver.Act(free, "power-on");
        var hosts = driver.List("/api/clustermgmt/v4.0/config/hosts").Select(h => (string)h["extId"]!).ToList();
        string Other(string vm) => hosts.First(h => h != (string?)driver.Vm(vm)["host"]!["extId"]);
        var target = Other(free);

        Assert.Equal("FAILED", (string?)driver.Act(pinned, "migrate-to-host", $$"""{"host":{"extId":"{{Other(pinned)}}"} }""")["status"]);
        Assert.Equal("SUCCEEDED", (string?)driver.Act(free, "migrate-to-host", $$"""{"host":{"extId":"{{target}}"} }""")["status"]);
        Assert.Equal(target, (string?)driver.Vm(free)["host"]!["extId"]);
    }

    [Fact]
    public void A_clone_has_its_own_identity()
    {
        var driver = Driver();
        var id = driver.CreateVm("original", SimulatorDriver.Gpu(8757));
        var task = driver.Act(id, "clone", """{"name":"copy"}""");
        var copy = driver.Vm((string)task["entitiesAffected"]![0]!["extId"]!);

        Assert.Equal("copy", (string?)copy["name"]);
        Assert.NotEqual((string?)driver.Vm(id)["biosUuid"], (string?)copy["biosUuid"]);
        Assert.NotEqual((string?)driver.Vm(id)["gpus"]![0]!["extId"], (string?)copy["gpus"]![0]!["extId"]);
    }

    [Fact]
    public void Categories_come_and_go_without_a_task()
    {
        var driver = Driver();
        const string All = "/api/prism/v4.0/config/categories";
        var made = driver.Write("POST", All, """{"key":"Team","value":"Vision"}""");
        Assert.Equal(201, made.StatusCode);
        var id = (string)JsonNode.Parse(made.Text)!["data"]!["extId"]!;
        Assert.Equal(409, driver.Write("POST", All, """{"key":"Team","value":"Vision"}""").StatusCode);
        Assert.Single(driver.List($"{All}?$filter=key%20eq%20'Team'%20and%20value%20eq%20'Vision'"));

        var vm = driver.CreateVm("one");
        driver.Act(vm, "associate-categories", $$"""{"categories":[{"extId":"{{id}}"}]}""");
        Assert.Equal(409, driver.Write("DELETE", $"{All}/{id}", etagOf: $"{All}/{id}").StatusCode);
        driver.Act(vm, "disassociate-categories", $$"""{"categories":[{"extId":"{{id}}"}]}""");
        Assert.Equal(204, driver.Write("DELETE", $"{All}/{id}", etagOf: $"{All}/{id}").StatusCode);
    }

    [Fact]
    public void A_category_that_belongs_to_the_system_cannot_be_deleted()
    {
        var driver = Driver();
        var system = driver.List("/api/prism/v4.0/config/categories")[0];
        var target = $"/api/prism/v4.0/config/categories/{system["extId"]}";
        Assert.Equal(403, driver.Write("DELETE", target, etagOf: target).StatusCode);
    }

    [Fact]
    public void An_estate_that_cannot_be_is_refused_with_its_reason()
    {
        var crowded = new EstateDescription
        {
            Clusters =
            [
                new ClusterDescription
                {
                    Name = "c",
                    Hosts = [new HostDescription { Name = "h", Gpus = [new() { Model = "T4" }] }],
                    Vms = [new VmDescription { Name = "a", PowerOn = true, Gpus = ["T4"] }, new VmDescription { Name = "b", PowerOn = true, Gpus = ["T4"] }],
                },
            ],
        };
        var error = Assert.Throws<ArgumentException>(() => new PrismSimulator(new SimulatorOptions { Estate = crowded }));
        Assert.Contains("'b'", error.Message, StringComparison.Ordinal);
        Assert.Contains("RTX", Assert.Throws<ArgumentException>(() => new PrismSimulator(new SimulatorOptions { GpuModels = ["RTX"] })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new PrismSimulator(new SimulatorOptions { Faults = [SimulatorFault.Status(503, times: 0)] }));
    }
}
