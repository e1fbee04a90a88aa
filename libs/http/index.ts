export { createHttp } from './client'
export type { Http, HttpOptions, HttpRequest, HttpResponse } from './client'
export { apiError, retryAfterMs } from './api-error'
