// Writes src/GpuPlatform/Manifests/Schemas/kubernetes-fields.json: the fields of Kubernetes' built-in kinds, their types, and which of
// them must be there. They are facts of the official OpenAPI document (kubernetes/kubernetes, Apache-2.0), read from the npm package
// @kubernetes/client-node (Apache-2.0), which is generated from it. Run after `npm install` here: npm run fields
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const models = new URL('./node_modules/@kubernetes/client-node/dist/gen/models/', import.meta.url);
const target = fileURLToPath(new URL('../../src/GpuPlatform/Manifests/Schemas/kubernetes-fields.json', import.meta.url));

// apiVersion: kinds.
const kinds = {
    'v1': ['ConfigMap', 'LimitRange', 'Namespace', 'PersistentVolume', 'PersistentVolumeClaim', 'Pod', 'PodTemplate', 'ReplicationController',
        'ResourceQuota', 'Secret', 'Service', 'ServiceAccount'],
    'apps/v1': ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
    'autoscaling/v1': ['HorizontalPodAutoscaler'],
    'autoscaling/v2': ['HorizontalPodAutoscaler'],
    'batch/v1': ['CronJob', 'Job'],
    'networking.k8s.io/v1': ['Ingress', 'IngressClass', 'NetworkPolicy'],
    'node.k8s.io/v1': ['RuntimeClass'],
    'policy/v1': ['PodDisruptionBudget'],
    'rbac.authorization.k8s.io/v1': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
    'scheduling.k8s.io/v1': ['PriorityClass'],
    'storage.k8s.io/v1': ['StorageClass'],
};

// The OpenAPI document calls a quantity a string; the API server reads numbers too.
const quantities = new Set([
    'V1EmptyDirVolumeSource.sizeLimit', 'V1LimitRangeItem.default', 'V1LimitRangeItem.defaultRequest', 'V1LimitRangeItem.max',
    'V1LimitRangeItem.maxLimitRequestRatio', 'V1LimitRangeItem.min', 'V1Overhead.podFixed', 'V1PersistentVolumeSpec.capacity',
    'V1PodSpec.overhead', 'V1ResourceFieldSelector.divisor', 'V1ResourceQuotaSpec.hard', 'V1ResourceRequirements.limits',
    'V1ResourceRequirements.requests', 'V1VolumeResourceRequirements.limits', 'V1VolumeResourceRequirements.requests',
    'V2MetricTarget.averageValue', 'V2MetricTarget.value',
]);

// Words a field takes. The document names them in descriptions only.
const protocols = 'TCP|UDP|SCTP';
const retention = 'Retain|Delete';
const choices = new Map(Object.entries({
    'V1Container.imagePullPolicy': 'Always|IfNotPresent|Never',
    'V1Container.terminationMessagePolicy': 'File|FallbackToLogsOnError',
    'V1ContainerPort.protocol': protocols,
    'V1CronJobSpec.concurrencyPolicy': 'Allow|Forbid|Replace',
    'V1DaemonSetUpdateStrategy.type': 'RollingUpdate|OnDelete',
    'V1DeploymentStrategy.type': 'Recreate|RollingUpdate',
    'V1HTTPGetAction.scheme': 'HTTP|HTTPS',
    'V1HTTPIngressPath.pathType': 'Exact|Prefix|ImplementationSpecific',
    'V1JobSpec.completionMode': 'NonIndexed|Indexed',
    'V1LabelSelectorRequirement.operator': 'In|NotIn|Exists|DoesNotExist',
    'V1NetworkPolicyPort.protocol': protocols,
    'V1NetworkPolicySpec.policyTypes': 'Ingress|Egress',
    'V1NodeSelectorRequirement.operator': 'In|NotIn|Exists|DoesNotExist|Gt|Lt',
    'V1PersistentVolumeClaimSpec.accessModes': 'ReadWriteOnce|ReadOnlyMany|ReadWriteMany|ReadWriteOncePod',
    'V1PersistentVolumeClaimSpec.volumeMode': 'Filesystem|Block',
    'V1PersistentVolumeSpec.persistentVolumeReclaimPolicy': 'Retain|Recycle|Delete',
    'V1PodSecurityContext.fsGroupChangePolicy': 'OnRootMismatch|Always',
    'V1PodSpec.dnsPolicy': 'ClusterFirstWithHostNet|ClusterFirst|Default|None',
    'V1PodSpec.restartPolicy': 'Always|OnFailure|Never',
    'V1SeccompProfile.type': 'Localhost|RuntimeDefault|Unconfined',
    'V1ServicePort.protocol': protocols,
    'V1ServiceSpec.sessionAffinity': 'ClientIP|None',
    'V1ServiceSpec.type': 'ExternalName|ClusterIP|NodePort|LoadBalancer',
    'V1StatefulSetPersistentVolumeClaimRetentionPolicy.whenDeleted': retention,
    'V1StatefulSetPersistentVolumeClaimRetentionPolicy.whenScaled': retention,
    'V1StatefulSetSpec.podManagementPolicy': 'OrderedReady|Parallel',
    'V1StatefulSetUpdateStrategy.type': 'RollingUpdate|OnDelete',
    'V1StorageClass.volumeBindingMode': 'Immediate|WaitForFirstConsumer',
    'V1Toleration.effect': 'NoSchedule|PreferNoSchedule|NoExecute',
    'V1Toleration.operator': 'Exists|Equal|Lt|Gt',
    'V1TopologySpreadConstraint.whenUnsatisfiable': 'DoNotSchedule|ScheduleAnyway',
    'V2MetricSpec.type': 'ContainerResource|External|Object|Pods|Resource',
    'V2MetricTarget.type': 'Utilization|Value|AverageValue',
}));

const types = {};
let version = '';

// A type as the data file has it: string, integer, number, boolean, time, quantity, int-or-string, any, or another type's name;
// string=A|B for one of those words; [] after it for a list, {} for a map.
function typeOf(field, type, format) {
    const list = /^Array<(.+)>$/.exec(type);
    const map = /^\{ \[key: string\]: (.+); \}$/.exec(type);
    if (list) return typeOf(field, list[1], format) + '[]';
    if (map) return typeOf(field, map[1], format) + '{}';
    switch (type) {
        case 'string': {
            const words = choices.get(field);
            return choices.delete(field) ? `string=${words}` : quantities.delete(field) ? 'quantity' : 'string';
        }
        case 'number': return format === 'double' ? 'number' : 'integer';
        case 'boolean': case 'any': return type;
        case 'Date': case 'V1MicroTime': return 'time';
        case 'IntOrString': return 'int-or-string';
    }
    return read(type);
}

function read(name) {
    if (name in types) return name;
    types[name] = {};
    const source = readFileSync(new URL(`${name}.js`, models), 'utf8');
    const declarations = readFileSync(new URL(`${name}.d.ts`, models), 'utf8');
    version = /OpenAPI spec version: release-([0-9.]+)/.exec(source)[1];
    const attributes = JSON.parse(/attributeTypeMap = (\[.*?\n\]);/s.exec(source)[1]);
    for (const { name: property, baseName, type, format } of attributes) {
        // What a cluster says of an object is nobody's to write.
        const isStatus = baseName === 'status' && attributes.some(a => a.baseName === 'kind') && attributes.some(a => a.baseName === 'metadata');
        const isRequired = new RegExp(`^    '${property}': `, 'm').test(declarations);
        types[name][baseName] = (isStatus ? 'any' : typeOf(`${name}.${baseName}`, type, format)) + (isRequired ? '!' : '');
    }
    return name;
}

if (!existsSync(models)) throw new Error('Run npm install here first.');
const roots = {};
for (const [apiVersion, names] of Object.entries(kinds)) {
    roots[apiVersion] = Object.fromEntries(names.map(kind => [kind, read(`V${/[0-9]+$/.exec(apiVersion)[0]}${kind}`)]));
}
const unknown = [...quantities, ...choices.keys()];
if (unknown.length > 0) throw new Error(`These are no fields: ${unknown.join(', ')}`);

const lines = Object.entries(types).sort(([a], [b]) => a < b ? -1 : 1).map(([name, fields]) => `    ${JSON.stringify(name)}: ${JSON.stringify(fields)}`);
writeFileSync(target, `{
  "source": "Fields and types of the OpenAPI document of Kubernetes ${version} (Apache-2.0); written by tests/kubernetes-schemas/fields.mjs",
  "version": ${JSON.stringify(version)},
  "kinds": ${JSON.stringify(roots, null, 2).replaceAll('\n', '\n  ')},
  "types": {
${lines.join(',\n')}
  }
}
`);
console.log(`${target}: Kubernetes ${version}, ${lines.length} types`);
