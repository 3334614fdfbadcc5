{{/* Name of the workload, and the prefix of its objects' names. 52 characters leave room for what controllers append. */}}
{{- define "cuda-wasm.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "cuda-wasm.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{- define "cuda-wasm.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "cuda-wasm.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* The labels by which selectors choose the pods. */}}
{{- define "cuda-wasm.selectorLabels" -}}
app.kubernetes.io/name: {{ include "cuda-wasm.fullname" . | quote }}
{{- end -}}

{{/* Labels of every object. "helm install" puts Helm in the place of managed-by, as it does for objects it owns. */}}
{{- define "cuda-wasm.labels" -}}
{{ include "cuda-wasm.selectorLabels" . }}
app.kubernetes.io/managed-by: cuda-wasm
{{- range $key, $value := .Values.commonLabels }}
{{ $key | quote }}: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* A map of texts. quote escapes what toYaml writes as it is and readers fold, such as U+0085 and U+2028. */}}
{{- define "cuda-wasm.texts" -}}
{{- $first := true -}}
{{- range $key, $value := . -}}
{{- if not $first }}{{ "\n" }}{{ end -}}
{{- $first = false -}}
{{ $key | quote }}: {{ $value | quote }}
{{- end -}}
{{- end -}}

{{/* Metadata of an object: a dict of root and name. */}}
{{- define "cuda-wasm.metadata" -}}
name: {{ .name | quote }}
namespace: {{ include "cuda-wasm.namespace" .root | quote }}
labels:
  {{- include "cuda-wasm.labels" .root | nindent 2 }}
{{- with .root.Values.commonAnnotations }}
annotations:
  {{- include "cuda-wasm.texts" . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* "true" where the pods listen on a port until they are told to stop; else nothing. */}}
{{- define "cuda-wasm.isService" -}}
{{- if has .Values.kind (list "Deployment" "StatefulSet") -}}true{{- end -}}
{{- end -}}

{{/* "true" where an autoscaler owns the number of pods; else nothing. */}}
{{- define "cuda-wasm.isAutoscaled" -}}
{{- if and .Values.autoscaling.enabled (include "cuda-wasm.isService" .) -}}true{{- end -}}
{{- end -}}

{{/* "true" where files are mounted; else nothing. */}}
{{- define "cuda-wasm.hasFiles" -}}
{{- if or .Values.files .Values.binaryFiles -}}true{{- end -}}
{{- end -}}

{{- define "cuda-wasm.claimName" -}}
{{- default (printf "%s-cache" (include "cuda-wasm.fullname" .)) .Values.persistence.existingClaim -}}
{{- end -}}

{{- define "cuda-wasm.claimSpec" -}}
accessModes:
  - {{ .Values.persistence.accessMode | quote }}
{{- with .Values.persistence.storageClass }}
storageClassName: {{ . | quote }}
{{- end }}
resources:
  requests:
    storage: {{ .Values.persistence.size | quote }}
{{- end -}}

{{- define "cuda-wasm.image" -}}
{{- .Values.image.repository -}}
{{- with .Values.image.tag }}:{{ . }}{{ end -}}
{{- with .Values.image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{/* Where programs put what they write, and how the worker is set; what values.environment says goes before. */}}
{{- define "cuda-wasm.environment" -}}
{{- $cache := "/var/cache/cuda-wasm" -}}
{{- $environment := dict "HOME" "/tmp" "TMPDIR" "/tmp" "XDG_CACHE_HOME" $cache "CUDA_WASM_CACHE" (printf "%s/compiled" $cache) -}}
{{- if and (include "cuda-wasm.gpuResource" .) (eq .Values.gpu.vendor "nvidia") -}}
{{- $_ := set $environment "CUDA_CACHE_PATH" (printf "%s/nvidia" $cache) -}}
{{- end -}}
{{- if include "cuda-wasm.isService" . -}}
{{- $_ := set $environment "CUDA_WASM_URLS" (printf "http://*:%d" (int .Values.service.port)) -}}
{{- $_ := set $environment "CUDA_WASM_DRAIN_DELAY" "5" -}}
{{- $_ := set $environment "CUDA_WASM_KERNEL_STORE" (printf "%s/kernels" $cache) -}}
{{- if .Values.apiKeySecret -}}
{{- $_ := set $environment "CUDA_WASM_API_KEY_FILE" "/etc/cuda-wasm-keys/keys" -}}
{{- else -}}
{{- $_ := set $environment "CUDA_WASM_ALLOW_ANONYMOUS" "true" -}}
{{- end -}}
{{- end -}}
{{- range $name, $value := .Values.environment -}}
{{- $_ := set $environment $name $value -}}
{{- end -}}
{{- include "cuda-wasm.texts" $environment -}}
{{- end -}}
