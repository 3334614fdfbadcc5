{{/* "true" where a ReadWriteOnce volume, which one node holds, keeps all pods on that node; else nothing. */}}
{{- define "cuda-wasm.isBoundToOneNode" -}}
{{- if and (eq .Values.persistence.accessMode "ReadWriteOnce") (ne .Values.kind "StatefulSet") -}}true{{- end -}}
{{- end -}}

{{- define "cuda-wasm.completions" -}}
{{- default .Values.replicaCount .Values.job.completions | int -}}
{{- end -}}

{{/* Arguments of the container, as a list in JSON; Kubernetes puts the pod's index in the place of $(JOB_COMPLETION_INDEX). */}}
{{- define "cuda-wasm.arguments" -}}
{{- $arguments := list -}}
{{- if and .Values.job.launchFile (not (include "cuda-wasm.isService" .)) -}}
{{- if not (hasKey .Values.files .Values.job.launchFile) -}}
{{- fail (printf "job.launchFile %s is none of files." .Values.job.launchFile) -}}
{{- end -}}
{{- $results := printf "/var/cache/cuda-wasm/results/%s" (include "cuda-wasm.fullname" .) -}}
{{- $arguments = list "run" (printf "/etc/cuda-wasm/%s" .Values.job.launchFile) "--json" -}}
{{- $completions := include "cuda-wasm.completions" . | int -}}
{{- if gt $completions 1 -}}
{{- $arguments = concat $arguments (list "--part" (printf "$(JOB_COMPLETION_INDEX)/%d" $completions)) -}}
{{- $results = printf "%s/$(JOB_COMPLETION_INDEX)" $results -}}
{{- end -}}
{{- $arguments = concat $arguments (list "--output-folder" $results) -}}
{{- end -}}
{{- concat $arguments .Values.args | toJson -}}
{{- end -}}

{{- define "cuda-wasm.affinity" -}}
{{- if include "cuda-wasm.gpuResource" . -}}
nodeAffinity:
  {{- include "cuda-wasm.nodeAffinity" . | nindent 2 }}
{{ end -}}
{{- if include "cuda-wasm.isBoundToOneNode" . -}}
podAffinity:
  requiredDuringSchedulingIgnoredDuringExecution:
    - topologyKey: kubernetes.io/hostname
      labelSelector:
        matchLabels:
          {{- include "cuda-wasm.selectorLabels" . | nindent 10 }}
{{- end -}}
{{- end -}}

{{/* How a probe asks: a dict of root and path. */}}
{{- define "cuda-wasm.probe" -}}
{{- if .root.Values.probes.http -}}
httpGet:
  path: {{ .path }}
  port: http
{{- else -}}
tcpSocket:
  port: http
{{- end }}
{{- end -}}

{{/* Requests or limits, the GPUs with them: a dict of root and amounts. Extended resources have the same number on both sides. */}}
{{- define "cuda-wasm.amounts" -}}
{{- include "cuda-wasm.texts" .amounts -}}
{{- with include "cuda-wasm.gpuResource" .root }}
{{ . | quote }}: {{ $.root.Values.gpu.count | int | quote }}
{{- end }}
{{- end -}}

{{- define "cuda-wasm.container" -}}
name: {{ include "cuda-wasm.fullname" . | quote }}
image: {{ include "cuda-wasm.image" . | quote }}
{{- with .Values.image.pullPolicy }}
imagePullPolicy: {{ . }}
{{- end }}
{{- with .Values.command }}
command:
  {{- range . }}
  - {{ . | quote }}
  {{- end }}
{{- end }}
{{- with include "cuda-wasm.arguments" . | fromJsonArray }}
args:
  {{- range . }}
  - {{ . | quote }}
  {{- end }}
{{- end }}
{{- if include "cuda-wasm.isService" . }}
ports:
  - name: http
    containerPort: {{ .Values.service.port | int }}
{{- end }}
envFrom:
  - configMapRef:
      name: {{ include "cuda-wasm.fullname" . | quote }}
resources:
  requests:
    {{- include "cuda-wasm.amounts" (dict "root" . "amounts" .Values.resources.requests) | nindent 4 }}
  limits:
    {{- include "cuda-wasm.amounts" (dict "root" . "amounts" .Values.resources.limits) | nindent 4 }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - name: scratch
    mountPath: /tmp
  - name: cache
    mountPath: /var/cache/cuda-wasm
  {{- if include "cuda-wasm.hasFiles" . }}
  - name: files
    mountPath: /etc/cuda-wasm
    readOnly: true
  {{- end }}
  {{- if .Values.apiKeySecret }}
  - name: keys
    mountPath: /etc/cuda-wasm-keys
    readOnly: true
  {{- end }}
{{- if include "cuda-wasm.isService" . }}
startupProbe:
  {{- include "cuda-wasm.probe" (dict "root" . "path" "/healthz") | nindent 2 }}
  periodSeconds: 10
  # Five minutes: GPU images are large and warm their caches.
  failureThreshold: 30
readinessProbe:
  {{- include "cuda-wasm.probe" (dict "root" . "path" "/readyz") | nindent 2 }}
  periodSeconds: 10
  failureThreshold: 3
livenessProbe:
  {{- include "cuda-wasm.probe" (dict "root" . "path" "/healthz") | nindent 2 }}
  periodSeconds: 20
  failureThreshold: 3
{{- end }}
{{- end -}}

{{- define "cuda-wasm.volumes" -}}
- name: scratch
  emptyDir:
    sizeLimit: {{ .Values.scratch.size | quote }}
{{- if ne .Values.kind "StatefulSet" }}
- name: cache
  persistentVolumeClaim:
    claimName: {{ include "cuda-wasm.claimName" . | quote }}
{{- end }}
{{- if include "cuda-wasm.hasFiles" . }}
- name: files
  configMap:
    name: {{ printf "%s-files" (include "cuda-wasm.fullname" .) | quote }}
{{- end }}
{{- with .Values.apiKeySecret }}
- name: keys
  secret:
    secretName: {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "cuda-wasm.podSpec" -}}
serviceAccountName: {{ include "cuda-wasm.serviceAccountName" . | quote }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- if include "cuda-wasm.isService" . }}
terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds | int64 }}
{{- else }}
restartPolicy: Never
{{- end }}
{{- with .Values.runtimeClassName }}
runtimeClassName: {{ . | quote }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .Values.securityContext.runAsUser | int64 }}
  runAsGroup: {{ .Values.securityContext.runAsUser | int64 }}
  fsGroup: {{ .Values.securityContext.runAsUser | int64 }}
  fsGroupChangePolicy: OnRootMismatch
  {{- with .Values.securityContext.supplementalGroups }}
  supplementalGroups:
    {{- range . }}
    - {{ . | int64 }}
    {{- end }}
  {{- end }}
  seccompProfile:
    type: RuntimeDefault
{{- with include "cuda-wasm.affinity" . }}
affinity:
  {{- . | nindent 2 }}
{{- end }}
{{- if include "cuda-wasm.gpuResource" . }}
tolerations:
  {{- include "cuda-wasm.tolerations" . | trim | nindent 2 }}
{{- end }}
{{- if not (include "cuda-wasm.isBoundToOneNode" .) }}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "cuda-wasm.selectorLabels" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ .name | quote }}
  {{- end }}
{{- end }}
containers:
  - {{ include "cuda-wasm.container" . | indent 4 | trim }}
volumes:
  {{- include "cuda-wasm.volumes" . | nindent 2 }}
{{- end -}}

{{/* The pods' template, for every kind of workload. */}}
{{- define "cuda-wasm.podTemplate" -}}
metadata:
  labels:
    {{- include "cuda-wasm.labels" . | nindent 4 }}
  {{- $annotations := dict -}}
  {{- range $key, $value := .Values.commonAnnotations -}}
  {{- $_ := set $annotations $key $value -}}
  {{- end -}}
  {{- if .Values.restartOnChange -}}
  {{- $files := printf "%s%s" (toJson .Values.files) (toJson .Values.binaryFiles) -}}
  {{- $_ := set $annotations "checksum/config" (printf "%s%s" (include "cuda-wasm.environment" .) $files | sha256sum) -}}
  {{- end }}
  {{- with $annotations }}
  annotations:
    {{- include "cuda-wasm.texts" . | nindent 4 }}
  {{- end }}
spec:
  {{- include "cuda-wasm.podSpec" . | nindent 2 }}
{{- end -}}
