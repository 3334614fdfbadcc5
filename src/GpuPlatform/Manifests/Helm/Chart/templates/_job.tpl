{{/* What a Job and each Job of a CronJob is told. */}}
{{- define "cuda-wasm.jobSpec" -}}
{{- $completions := include "cuda-wasm.completions" . | int -}}
completions: {{ $completions }}
parallelism: {{ min (int .Values.replicaCount) $completions }}
{{- if gt $completions 1 }}
completionMode: Indexed
{{- end }}
backoffLimit: 3
{{- with .Values.job.activeDeadlineSeconds }}
activeDeadlineSeconds: {{ . | int64 }}
{{- end }}
{{- if not (kindIs "invalid" .Values.job.ttlSecondsAfterFinished) }}
ttlSecondsAfterFinished: {{ .Values.job.ttlSecondsAfterFinished | int64 }}
{{- end }}
template:
  {{- include "cuda-wasm.podTemplate" . | nindent 2 }}
{{- end -}}
