using GpuPlatform.Manifests;
using GpuPlatform.Manifests.Kubernetes;

namespace GpuPlatform.Tests.Manifests;

public class FieldCheckTests
{
    private static readonly NkeManifestOptions Infer = new() { Name = "infer", Image = "registry.example/cuda-wasm:1.0", ServiceMonitor = true };

    private static readonly string Good = NkeManifest.Create(Infer).ToYaml();

    private static readonly string Set = NkeManifest.Create(Infer with { Kind = NkeWorkloadKind.StatefulSet }).ToYaml();

    private static readonly string Cron = NkeManifest.Create(Infer with { Kind = NkeWorkloadKind.CronJob, Schedule = "@daily", CacheAccessMode = "ReadWriteMany" }).ToYaml();

    private static ManifestFinding[] Errors(string yaml) => [.. ManifestCheck.Check(yaml).Where(f => f.Severity == FindingSeverity.Error)];

    private static ManifestFinding Changed(string manifest, string right, string wrong, string field)
    {
        Assert.Contains(right, manifest, StringComparison.Ordinal);
        return Assert.Single(Errors(manifest.Replace(right, wrong, StringComparison.Ordinal)), e => e.Field == field);
    }

    [Theory]
    [InlineData("      containers:\n", "      contaners:\n", "spec.template.spec.contaners", "'contaners' is no field of a PodSpec in Kubernetes 1.36; did you mean 'containers'?")]
    [InlineData("  strategy:\n", "  replica: 3\n  strategy:\n", "spec.replica", "'replica' is no field of a DeploymentSpec in Kubernetes 1.36; did you mean 'replicas'?")]
    [InlineData("image: \"registry", "Image: \"registry", "spec.template.spec.containers[0].Image", "'Image' is no field of a Container in Kubernetes 1.36; did you mean 'image'?")]
    [InlineData("readOnlyRootFilesystem", "read_only_root_filesystem", "spec.template.spec.containers[0].securityContext.read_only_root_filesystem", "did you mean 'readOnlyRootFilesystem'?")]
    [InlineData("seccompProfile:", "secompProfile:", "spec.template.spec.securityContext.secompProfile", "did you mean 'seccompProfile'?")]
    [InlineData("enableServiceLinks", "somethingOfMyOwn", "spec.template.spec.somethingOfMyOwn", "'somethingOfMyOwn' is no field of a PodSpec in Kubernetes 1.36")]
    [InlineData("accessModes:", "accessMode:", "spec.accessMode", "did you mean 'accessModes'?")]
    [InlineData("targetPort:", "targetport:", "spec.ports[0].targetport", "did you mean 'targetPort'?")]
    [InlineData("averageUtilization:", "averageUtilisation:", "spec.metrics[0].resource.target.averageUtilisation", "did you mean 'averageUtilization'?")]
    [InlineData("policyTypes:", "policyType:", "spec.policyType", "did you mean 'policyTypes'?")]
    [InlineData("maxUnavailable: 1\n  selector", "maxUnavailble: 1\n  selector", "spec.maxUnavailble", "did you mean 'maxUnavailable'?")]
    [InlineData("matchExpressions:\n              - key: nvidia.com/gpu.present", "matchExpression:\n              - key: nvidia.com/gpu.present", "spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpression", "did you mean 'matchExpressions'?")]
    public void A_misspelled_field_is_told_with_the_one_meant(string right, string wrong, string field, string message) =>
        Assert.Contains(message, Changed(Good, right, wrong, field).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("automountServiceAccountToken: false\n      ", "automountServiceAccountToken: \"false\"\n      ", "spec.template.spec.automountServiceAccountToken", "must be true or false, not the text \"false\"")]
    [InlineData("containerPort: 8080", "containerPort: \"8080\"", "spec.template.spec.containers[0].ports[0].containerPort", "must be a whole number, not the text \"8080\"")]
    [InlineData("containerPort: 8080", "containerPort: 80.5", "spec.template.spec.containers[0].ports[0].containerPort", "must be a whole number, not 80.5")]
    [InlineData("runAsUser: 10001", "runAsUser: root", "spec.template.spec.securityContext.runAsUser", "must be a whole number, not root")]
    [InlineData("maxReplicas: 8", "maxReplicas: many", "spec.maxReplicas", "must be a whole number, not many")]
    [InlineData("targetPort: http", "targetPort: true", "spec.ports[0].targetPort", "must be a whole number or text, not true")]
    [InlineData("HOME: /tmp", "HOME: 0x1F", "data[HOME]", "must be text; quote it: \"0x1F\"")]
    [InlineData("HOME: /tmp", "HOME: Yes", "data[HOME]", "must be text; quote it: \"Yes\"")]
    [InlineData("HOME: /tmp", "HOME: 017", "data[HOME]", "must be text; quote it: \"017\"")]
    [InlineData("HOME: /tmp", "HOME:", "data[HOME]", "must be text; quote it: \"\"")]
    [InlineData("HOME: /tmp", "HOME: [/tmp]", "data[HOME]", "must be text")]
    [InlineData("storage: \"10Gi\"", "storage: 10GB", "spec.resources.requests[storage]", "'10GB' is no quantity")]
    [InlineData("memory: \"16Gi\"", "memory: \"16 Gi\"", "spec.template.spec.containers[0].resources.limits[memory]", "'16 Gi' is no quantity")]
    [InlineData("sizeLimit: \"1Gi\"", "sizeLimit: {max: 1Gi}", "spec.template.spec.volumes[0].emptyDir.sizeLimit", "must be text")]
    [InlineData("serviceAccountName: infer", "serviceAccountName: 1", "spec.template.spec.serviceAccountName", "must be text; quote it: \"1\"")]
    public void A_value_of_another_type_is_told(string right, string wrong, string field, string message) =>
        Assert.Contains(message, Changed(Good, right, wrong, field).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("type: ClusterIP", "type: clusterIP", "spec.type", "must be one of ExternalName, ClusterIP, NodePort, LoadBalancer, not 'clusterIP'")]
    [InlineData("- ReadWriteOnce", "- RWO", "spec.accessModes[0]", "must be one of ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod, not 'RWO'")]
    [InlineData("type: RollingUpdate", "type: Rolling", "spec.strategy.type", "must be one of Recreate, RollingUpdate, not 'Rolling'")]
    [InlineData("type: RuntimeDefault", "type: true", "spec.template.spec.securityContext.seccompProfile.type", "must be one of Localhost, RuntimeDefault, Unconfined, not 'true'")]
    public void A_word_that_a_field_does_not_take_is_told(string right, string wrong, string field, string message) =>
        Assert.Equal(message, Changed(Good, right, wrong, field).Message);

    [Theory]
    [InlineData("{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: {name: a, image: a}}}", "spec.containers", "must be a list")]
    [InlineData("{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [a]}}", "spec.containers[0]", "must be a Container")]
    [InlineData("{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: nothing}", "spec", "must be a PodSpec")]
    [InlineData("{apiVersion: v1, kind: Pod, metadata: {name: a, labels: [a, b]}}", "metadata.labels", "must be a map")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, creationTimestamp: 5}}", "metadata.creationTimestamp", "must be a time such as")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, spec: {}}", "spec", "is no field of a ConfigMap")]
    public void Another_shape_is_told(string yaml, string field, string message) =>
        Assert.Contains(Errors(yaml), e => e.Field == field && e.Message.Contains(message, StringComparison.Ordinal));

    [Theory]
    [InlineData("containers:\n", "spec.template.spec.containers")]
    [InlineData("scaleTargetRef:\n", "spec.scaleTargetRef")]
    public void What_must_be_there_is_missed_once(string right, string field)
    {
        var wrong = Errors(Good.Replace(" " + right, " x" + right, StringComparison.Ordinal));

        Assert.Equal("is missing", Assert.Single(wrong, e => e.Field == field).Message);
    }

    [Theory]
    [InlineData("persistentVolumeClaimRetentionPolicy:", "persistentVolumeClaimRetention:", "spec.persistentVolumeClaimRetention")]
    [InlineData("volumeClaimTemplates:", "volumeClaimTemplate:", "spec.volumeClaimTemplate")]
    public void Stateful_sets_are_known(string right, string wrong, string field) =>
        Assert.Contains("did you mean", Changed(Set, right, wrong, field).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("backoffLimit:", "backOffLimits:", "spec.jobTemplate.spec.backOffLimits")]
    [InlineData("maxSkew: 1", "maxSkew: one", "spec.jobTemplate.spec.template.spec.topologySpreadConstraints[1].maxSkew")]
    [InlineData("concurrencyPolicy:", "concurencyPolicy:", "spec.concurencyPolicy")]
    public void Cron_jobs_are_known_down_to_their_pods(string right, string wrong, string field) =>
        Assert.NotNull(Changed(Cron, right, wrong, field));

    [Theory]
    [InlineData("kind: Deployment", "kind: Deploymnet", "kind", "'Deploymnet' is no kind of apps/v1; did you mean 'Deployment'?")]
    [InlineData("apiVersion: apps/v1\nkind: Deployment", "apiVersion: extensions/v1beta1\nkind: Deployment", "apiVersion", "there is no Deployment in 'extensions/v1beta1'; it is in apps/v1")]
    [InlineData("apiVersion: policy/v1\n", "apiVersion: policy/v1beta1\n", "apiVersion", "it is in policy/v1")]
    [InlineData("apiVersion: autoscaling/v2\n", "apiVersion: autoscaling/v2beta2\n", "apiVersion", "it is in autoscaling/v1 and autoscaling/v2")]
    public void A_kind_that_is_not_in_its_version_is_told(string right, string wrong, string field, string message) =>
        Assert.Contains(message, Changed(Good.Replace("\"", "", StringComparison.Ordinal), right, wrong, field).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: a}, spec: {template: {whatever: 1}}}")]
    [InlineData("{apiVersion: apps/v1, kind: ControllerRevision, metadata: {name: a}, data: {x: 1}, revision: 1}")]
    [InlineData("{apiVersion: kustomize.config.k8s.io/v1beta1, kind: Kustomization, resources: [a.yaml]}")]
    [InlineData("{apiVersion: v1, kind: Secret, metadata: {name: a, creationTimestamp: null, managedFields: [{fieldsV1: {\"f:data\": {}}}]}, data: {a: YQ==}, immutable: true}")]
    [InlineData("{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"a\", \"creationTimestamp\": \"2030-01-31T12:00:00Z\"}, \"data\": {\"a\": \"1\"}}")]
    [InlineData("{apiVersion: v1, kind: LimitRange, metadata: {name: a}, spec: {limits: [{type: Container, default: {cpu: 1, memory: 1e9}, max: {cpu: 2.5}}]}}")]
    [InlineData("{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]}, status: {loadBalancer: {}}}")]
    [InlineData("a: &common {team: vision}\napiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a, labels: {<<: *common, x: z}}")]
    public void What_a_cluster_takes_passes(string yaml) => Assert.Empty(Errors(yaml));

    [Fact]
    public void The_items_of_a_list_are_checked_one_by_one()
    {
        const string Yaml = """
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, dada: {x: y}}
            - {apiVersion: v1, kind: Namespace, metadata: {name: Not_a_name}}
            """;

        Assert.Equal([("ConfigMap/a", "dada"), ("Namespace/Not_a_name", "metadata.name")], Errors(Yaml).Select(e => (e.Object, e.Field)));
    }

    [Fact]
    public void Merge_keys_bring_their_fields_along()
    {
        const string Yaml = """
            apiVersion: v1
            kind: ConfigMap
            metadata: &base {name: a, label: {x: z}}
            data: {"<<": text, b: c}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: a, labels: &labels {a: "1"}, annotations: {<<: *labels, b: 2}}
            spec: {containers: [&first {name: a, image: a}, {<<: [*first, {imag: b}], name: b}]}
            """;

        Assert.Equal(
            ["metadata.label", "data[<<]", "metadata.annotations[b]", "spec.containers[1].imag"],
            Errors(Yaml).Select(e => e.Field));
        Assert.NotEmpty(Errors("&a {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [*a]}}"));
    }

    [Fact]
    public void Metadata_of_custom_resources_is_checked_too()
    {
        var error = Assert.Single(Errors("{apiVersion: example.com/v1, kind: Thing, metadata: {name: a, label: {x: y}}}"));

        Assert.Equal(("metadata.label", true), (error.Field, error.Message.Contains("did you mean 'labels'?", StringComparison.Ordinal)));
    }
}
