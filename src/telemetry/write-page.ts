import { metricsPage } from './metrics-page.ts'

process.stdout.write(metricsPage())
