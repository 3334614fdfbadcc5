{{/* Resource, labels and metric of the vendor whose GPUs the pods get, in YAML; gpu-vendors.yaml has them. */}}
{{- define "cuda-wasm.gpuVendor" -}}
{{- get (.Files.Get "gpu-vendors.yaml" | fromYaml) .Values.gpu.vendor | toYaml -}}
{{- end -}}

{{/* The extended resource the pods ask for; nothing for pods without GPUs. */}}
{{- define "cuda-wasm.gpuResource" -}}
{{- if gt (int .Values.gpu.count) 0 -}}
{{- default (include "cuda-wasm.gpuVendor" . | fromYaml).resource .Values.gpu.resource -}}
{{- end -}}
{{- end -}}

{{/* Any one of these terms admits a node. */}}
{{- define "cuda-wasm.nodeSelectorTerms" -}}
{{- $vendor := include "cuda-wasm.gpuVendor" . | fromYaml -}}
{{- if .Values.gpu.timeSliceReplicas -}}
- matchExpressions:
    - key: nvidia.com/gpu.sharing-strategy
      operator: In
      values: [time-slicing]
    - key: nvidia.com/gpu.replicas
      operator: In
      values: [{{ .Values.gpu.timeSliceReplicas | int | quote }}]
    {{- with .Values.gpu.product }}
    - key: {{ $vendor.productLabel | quote }}
      operator: In
      values: [{{ printf "%s-SHARED" (trimSuffix "-SHARED" .) | quote }}]
    {{- end }}
{{- else if .Values.gpu.product -}}
- matchExpressions:
    - key: {{ $vendor.productLabel | quote }}
      operator: In
      values: [{{ .Values.gpu.product | quote }}]
{{- else -}}
{{- range $vendor.presenceLabels }}
- matchExpressions:
    - key: {{ . | quote }}
      operator: In
      values: ["true"]
{{- end }}
{{- end -}}
{{- end -}}

{{- define "cuda-wasm.nodeAffinity" -}}
{{- if .Values.gpu.requireNodeLabels -}}
requiredDuringSchedulingIgnoredDuringExecution:
  nodeSelectorTerms:
    {{- include "cuda-wasm.nodeSelectorTerms" . | trim | nindent 4 }}
{{- else -}}
preferredDuringSchedulingIgnoredDuringExecution:
  {{- range include "cuda-wasm.nodeSelectorTerms" . | fromYamlArray }}
  - weight: 100
    preference:
      {{- toYaml . | nindent 6 }}
  {{- end }}
{{- end -}}
{{- end -}}

{{/* The taints of GPU nodes: keyed by the whole device, and by the share of one that is asked for. */}}
{{- define "cuda-wasm.tolerations" -}}
{{- range list (include "cuda-wasm.gpuVendor" . | fromYaml).resource (include "cuda-wasm.gpuResource" .) | uniq }}
- key: {{ . | quote }}
  operator: Exists
  effect: NoSchedule
{{- end }}
{{- end -}}
