export { createHttp } from './client'
export type { Http, HttpOptions, HttpRequest, HttpResponse } from './client'
export { apiError, retryAfterMs, sentWith, statedLimit } from './api-error'
